/* The chosen theme, before anything is drawn: the modules come too late to keep a dark page from flashing white. */
document.documentElement.dataset.theme = localStorage.getItem("simulator.theme") || "system";
