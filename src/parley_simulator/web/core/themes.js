/** Colours that a Mini App gets as its theme: the keys of the Bot API. Pure. */

const LIGHT = {
  bg_color: "#ffffff",
  secondary_bg_color: "#f1f3f7",
  section_bg_color: "#ffffff",
  section_header_text_color: "#2f6fde",
  section_separator_color: "#e3e7ee",
  header_bg_color: "#ffffff",
  bottom_bar_bg_color: "#f7f8fa",
  text_color: "#10151c",
  hint_color: "#7d8794",
  subtitle_text_color: "#7d8794",
  link_color: "#2f6fde",
  accent_text_color: "#2f6fde",
  button_color: "#3a7bf0",
  button_text_color: "#ffffff",
  destructive_text_color: "#d93a3f",
};

const DARK = {
  bg_color: "#17212b",
  secondary_bg_color: "#101921",
  section_bg_color: "#17212b",
  section_header_text_color: "#6ab3f2",
  section_separator_color: "#0d141b",
  header_bg_color: "#17212b",
  bottom_bar_bg_color: "#17212b",
  text_color: "#f5f5f5",
  hint_color: "#8094a6",
  subtitle_text_color: "#8094a6",
  link_color: "#6ab3f2",
  accent_text_color: "#6ab3f2",
  button_color: "#4a8fe0",
  button_text_color: "#ffffff",
  destructive_text_color: "#f0666b",
};

export const themeParams = (isDark) => (isDark ? DARK : LIGHT);

/** A colour of the theme by its key, or the colour itself. */
export function colorOf(value, theme) {
  return theme[value] ?? value;
}

/** Whether dark letters are to be read on a colour. */
export function isBright(color) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  return (red * 299 + green * 587 + blue * 114) / 1000 > 150;
}
