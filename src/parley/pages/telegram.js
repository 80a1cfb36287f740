/** What a page and the Telegram that shows it in a frame tell each other. */

/** Whether a colour such as `#17212b` is dark to the eye (ITU-R BT.601). */
export function isDark(colour) {
  const [red, green, blue] = [1, 3, 5].map((place) => parseInt(colour.slice(place, place + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}

/** The scheme of Telegram's colours; null where they say nothing. */
export function schemeOf(theme) {
  const ground = theme?.bg_color;
  return /^#[0-9a-f]{6}$/i.test(ground) ? (isDark(ground) ? "dark" : "light") : null;
}

function paint(theme) {
  const scheme = schemeOf(theme);
  if (scheme) document.documentElement.style.colorScheme = scheme;
}

/** A JSON text, or null for what is none. */
function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Look like Telegram does, from the launch on and whenever it changes. */
export function followTheme(fragment) {
  paint(read(new URLSearchParams(fragment.slice(1)).get("tgWebAppThemeParams")));
  addEventListener("message", (event) => {
    if (event.source !== parent || typeof event.data !== "string") return;
    const told = read(event.data);
    if (told?.eventType === "theme_changed") paint(told.eventData?.theme_params);
  });
}

/** Tell Telegram that it need not cover the page any longer. Nothing in it is secret. */
export function tellReady() {
  if (parent === window) return;
  for (const eventType of ["iframe_ready", "web_app_ready", "web_app_expand"]) {
    parent.postMessage(JSON.stringify({ eventType, eventData: {} }), "*");
  }
}
