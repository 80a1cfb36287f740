/**
 * The host's side of the Mini App protocol, as decisions. Pure: what the host knows and an event of the app in, what
 * it then knows and what is to be done out. `ui/miniapp.js` does it.
 *
 * Effects are arrays, the first word says what: `["send", event, data]` posts to the app; `"ask"` needs the person;
 * `"do"` is done by the host; `"store"` goes to storage; `"note"` is only shown.
 */

const COLOR = /^#[0-9a-f]{6}$/i;
const COLOR_KEYS = new Set(["bg_color", "secondary_bg_color", "header_bg_color", "bottom_bar_bg_color", "section_bg_color"]);
const BUTTON = { is_visible: false, is_active: true, is_progress_visible: false, has_shine_effect: false, text: "", color: null, text_color: null };

/** Sensors and the like that a page in a frame does not have; what an app hears when it asks for one. */
const ABSENT = {
  web_app_start_accelerometer: ["accelerometer_failed", { error: "UNSUPPORTED" }],
  web_app_start_gyroscope: ["gyroscope_failed", { error: "UNSUPPORTED" }],
  web_app_start_device_orientation: ["device_orientation_failed", { error: "UNSUPPORTED" }],
  web_app_check_home_screen: ["home_screen_checked", { status: "unsupported" }],
  web_app_add_to_home_screen: ["home_screen_failed", { error: "UNSUPPORTED" }],
  web_app_check_location: ["location_checked", { available: false }],
  web_app_request_location: ["location_requested", { available: false }],
  web_app_set_emoji_status: ["emoji_status_failed", { error: "UNSUPPORTED" }],
  web_app_request_emoji_status_access: ["emoji_status_access_requested", { status: "cancelled" }],
  web_app_send_prepared_message: ["prepared_message_failed", { error: "UNSUPPORTED" }],
  web_app_biometry_get_info: ["biometry_info_received", { available: false }],
  web_app_biometry_request_access: ["biometry_info_received", { available: false }],
  web_app_biometry_request_auth: ["biometry_auth_requested", { status: "failed" }],
  web_app_biometry_update_token: ["biometry_token_updated", { status: "failed" }],
};

/** A host that has just opened an app. `launch` is `"menu"`, `"inline"`, `"link"` or `"keyboard"`. */
export function newHost(launch) {
  return {
    launch,
    isReady: false,
    isExpanded: false,
    isFullscreen: false,
    canReload: false,
    hasBack: false,
    hasSettings: false,
    needsConfirmation: false,
    allowsSwipe: true,
    isOrientationLocked: false,
    isAsking: false,
    main: { ...BUTTON },
    secondary: { ...BUTTON, position: "left" },
    colors: { header: "header_bg_color", background: "bg_color", bottomBar: "bottom_bar_bg_color" },
  };
}

/** A message's event, or null where it is not for us: another window, another origin, not the protocol. */
export function eventOf(message, frame, origin) {
  if (message.source !== frame || typeof message.data !== "string") return null;
  let told;
  try {
    told = JSON.parse(message.data);
  } catch {
    return null;
  }
  if (typeof told?.eventType !== "string") return null;
  if (message.origin !== origin) return { refused: message.origin, type: told.eventType };
  return { type: told.eventType, data: readData(told.eventData) };
}

/** Some bridges send their data as a string of JSON. */
function readData(data) {
  if (typeof data === "string") {
    try {
      data = JSON.parse(data);
    } catch {
      return {};
    }
  }
  return data !== null && typeof data === "object" ? data : {};
}

/** What the host knows and does after the app's event. */
export function hear(host, type, data) {
  if (type in ABSENT) return { host, effects: [["send", ...ABSENT[type]]] };
  if (/^web_app_(device|secure)_storage_/.test(type)) return { host, effects: [["store", type, data]] };
  const answer = ANSWERS[type];
  return answer ? { host, effects: [], ...answer(host, data) } : { host, effects: [["note", type, data]] };
}

const only = (...effects) => ({ effects });
const known = (host, members, ...effects) => ({ host: { ...host, ...members }, effects });
const word = (text, longest) => (typeof text === "string" ? text.slice(0, longest) : "");

function button(before, data) {
  const after = { ...before };
  for (const name of ["is_visible", "is_active", "is_progress_visible", "has_shine_effect"]) {
    if (typeof data[name] === "boolean") after[name] = data[name];
  }
  for (const name of ["color", "text_color"]) if (COLOR.test(data[name])) after[name] = data[name];
  if (typeof data.text === "string") after.text = data.text.trim().slice(0, 64);
  if (["left", "right", "top", "bottom"].includes(data.position)) after.position = data.position;
  // A button without words is not drawn, whatever the app says of it.
  return after.text === "" ? { ...after, is_visible: false } : after;
}

function colored(host, name, data) {
  const color = COLOR.test(data.color) ? data.color : COLOR_KEYS.has(data.color_key) ? data.color_key : null;
  return color ? known(host, { colors: { ...host.colors, [name]: color } }) : {};
}

/** A question is put only while none is open; Telegram drops the second one, too. */
function asked(host, ...question) {
  return host.isAsking ? {} : known(host, { isAsking: true }, ["ask", ...question]);
}

/** A popup as it is to be shown, or null where its parameters are not sound. */
export function popupOf({ title, message, buttons }) {
  const sound = (Array.isArray(buttons) ? buttons : []).filter((each) => each && typeof each === "object");
  const text = word(message, 256);
  if (text.trim() === "" || sound.length < 1 || sound.length > 3) return null;
  return {
    title: word(title, 64),
    message: text,
    buttons: sound.map((each) => ({ id: word(each.id, 64), type: word(each.type, 16) || "default", text: word(each.text, 64) })),
  };
}

const link = (data) => {
  try {
    const url = new URL(data.url);
    return ["http:", "https:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
};

const ANSWERS = {
  iframe_ready: (host, data) => known(host, { canReload: data.reload_supported === true }),
  iframe_will_reload: () => only(["do", "reloading"]),
  web_app_ready: (host) => known(host, { isReady: true }),
  web_app_expand: (host) => (host.isExpanded ? only(["do", "viewport"]) : known(host, { isExpanded: true }, ["do", "viewport"])),
  web_app_close: () => only(["do", "close"]),
  web_app_request_theme: () => only(["do", "theme"]),
  web_app_request_viewport: () => only(["do", "viewport"]),
  web_app_request_safe_area: () => only(["do", "safe-area"]),
  web_app_request_content_safe_area: () => only(["do", "content-safe-area"]),
  web_app_setup_back_button: (host, data) => known(host, { hasBack: data.is_visible === true }),
  web_app_setup_settings_button: (host, data) => known(host, { hasSettings: data.is_visible === true }),
  web_app_setup_main_button: (host, data) => known(host, { main: button(host.main, data) }, ["do", "viewport"]),
  web_app_setup_secondary_button: (host, data) => known(host, { secondary: button(host.secondary, data) }, ["do", "viewport"]),
  web_app_setup_closing_behavior: (host, data) => known(host, { needsConfirmation: data.need_confirmation === true }),
  web_app_setup_swipe_behavior: (host, data) => known(host, { allowsSwipe: data.allow_vertical_swipe !== false }),
  web_app_set_header_color: (host, data) => colored(host, "header", data),
  web_app_set_background_color: (host, data) => colored(host, "background", data),
  web_app_set_bottom_bar_color: (host, data) => colored(host, "bottomBar", data),
  web_app_open_popup: (host, data) => {
    const popup = popupOf(data);
    return popup ? asked(host, "popup", popup) : {};
  },
  web_app_open_invoice: (host, data) => (/^[A-Za-z0-9\-_=]+$/.test(data.slug) ? asked(host, "invoice", data.slug) : {}),
  web_app_request_write_access: (host) => asked(host, "write-access"),
  web_app_request_phone: (host) => asked(host, "phone"),
  web_app_open_scan_qr_popup: (host, data) => asked(host, "scan", word(data.text, 64)),
  web_app_close_scan_qr_popup: () => only(["do", "stop-scan"]),
  web_app_request_file_download: (host, data) => (link(data) ? asked(host, "download", { url: link(data), name: word(data.file_name, 128) }) : {}),
  web_app_open_link: (host, data) => (link(data) ? only(["do", "open", link(data)]) : {}),
  web_app_open_tg_link: (host, data) => (typeof data.path_full === "string" ? only(["do", "telegram", data.path_full]) : {}),
  web_app_switch_inline_query: (host, data) => only(["do", "inline-query", word(data.query, 256)]),
  web_app_data_send: sentData,
  web_app_request_fullscreen: (host) =>
    host.isFullscreen
      ? only(["send", "fullscreen_failed", { error: "ALREADY_FULLSCREEN" }])
      : known(host, { isFullscreen: true, isExpanded: true }, ...fullscreen(true)),
  web_app_exit_fullscreen: (host) => (host.isFullscreen ? known(host, { isFullscreen: false }, ...fullscreen(false)) : {}),
  web_app_toggle_orientation_lock: (host, data) =>
    known(host, { isOrientationLocked: data.locked === true }, ["note", "web_app_toggle_orientation_lock", data]),
  web_app_trigger_haptic_feedback: (host, data) => only(["do", "haptic", hapticOf(data)]),
  web_app_hide_keyboard: () => only(["do", "hide-keyboard"]),
  web_app_invoke_custom_method: (host, data) => only(["store", "web_app_invoke_custom_method", data]),
  web_app_read_text_from_clipboard: (host, data) => only(["do", "clipboard", data.req_id]),
};

function fullscreen(isOn) {
  const effects = ["safe-area", "content-safe-area", "viewport"].map((what) => ["do", what]);
  return [["send", "fullscreen_changed", { is_fullscreen: isOn }], ...effects];
}

/** Only an app of a reply keyboard's button may send data; elsewhere Telegram stays silent, we say why. */
function sentData(host, data) {
  const size = typeof data.data === "string" ? new TextEncoder().encode(data.data).length : 0;
  if (host.launch !== "keyboard" || size < 1 || size > 4096) return only(["note", "web_app_data_send", { refused: true }]);
  return only(["do", "data", data.data]);
}

/** `impact light`, `notification success`, `selection`. */
function hapticOf({ type, impact_style: impact, notification_type: notification }) {
  if (type === "impact") return { kind: "impact", style: word(impact, 16) || "medium" };
  if (type === "notification") return { kind: "notification", style: word(notification, 16) || "success" };
  return { kind: "selection", style: "" };
}

/** Which of the two buttons stands first, and whether they stand below each other. */
export function buttonOrder({ position }) {
  return { isColumn: position === "top" || position === "bottom", isSecondaryFirst: position === "left" || position === "top" };
}
