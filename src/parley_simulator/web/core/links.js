/** Addresses of Telegram that this client follows by itself. Pure. */

const NAME = /^[A-Za-z]\w{2,31}$/;
const SLUG = /^[A-Za-z0-9\-_=]+$/;

/**
 * What an address asks for, or null where it is none of Telegram's:
 * `{kind: "invoice", slug}`, `{kind: "app", username, start}`, `{kind: "bot", username, start}`; `start` may be null.
 */
export function telegramLink(address) {
  let url;
  try {
    url = new URL(/^[a-z]+:/i.test(address) ? address : `https://${address}`);
  } catch {
    return null;
  }
  if (url.protocol === "tg:") return ofScheme(url);
  const isOurs = ["http:", "https:"].includes(url.protocol) && ["t.me", "telegram.me"].includes(url.hostname);
  return isOurs ? ofPath(url.pathname + url.search) : null;
}

/** The same for what a Mini App gives as `path_full`. */
export function ofPath(path) {
  const url = new URL(path, "https://t.me");
  const [first = "", second = ""] = url.pathname.split("/").filter(Boolean);
  const slug = first.startsWith("$") ? first.slice(1) : first === "invoice" ? second : "";
  if (slug) return SLUG.test(slug) ? { kind: "invoice", slug } : null;
  if (!NAME.test(first)) return null;
  return ofBot(first, url.searchParams, second !== "");
}

function ofScheme(url) {
  const action = url.hostname || url.pathname.replace(/^\/+/, "");
  const slug = url.searchParams.get("slug") ?? "";
  if (action === "invoice") return SLUG.test(slug) ? { kind: "invoice", slug } : null;
  const username = url.searchParams.get("domain") ?? "";
  return action === "resolve" && NAME.test(username) ? ofBot(username, url.searchParams, url.searchParams.has("appname")) : null;
}

function ofBot(username, query, isApp) {
  const kind = isApp || query.has("startapp") ? "app" : "bot";
  const start = query.get(kind === "app" ? "startapp" : "start");
  const isSound = start === null || /^[\w-]{0,512}$/.test(start);
  return { kind, username, start: isSound ? start : null };
}

/** A Mini App's address with launch parameters in its fragment, put there as Telegram's own clients do. */
export function withLaunchParameters(address, parameters) {
  const query = new URLSearchParams(parameters).toString().replaceAll("+", "%20");
  const hash = address.indexOf("#");
  if (hash < 0) return `${address}#${query}`;
  const fragment = address.slice(hash + 1);
  if (fragment === "") return address + query;
  return `${address}${/[=?]/.test(fragment) ? "&" : "?"}${query}`;
}

/** The launch address that the server made, with the theme that this page shows. */
export function withTheme(address, theme) {
  const mine = `tgWebAppThemeParams=${encodeURIComponent(JSON.stringify(theme))}`;
  return /tgWebAppThemeParams=[^&]*/.test(address) ? address.replace(/tgWebAppThemeParams=[^&]*/, () => mine) : address;
}

/** Who and what a tab shows, kept in its fragment so that two tabs can be two people. */
export function readRoute(fragment) {
  const query = new URLSearchParams(fragment.replace(/^#/, ""));
  const number = (name) => (/^\d{1,16}$/.test(query.get(name) ?? "") ? Number(query.get(name)) : null);
  return { person: number("person"), bot: number("bot") };
}

export function writeRoute({ person, bot }) {
  const query = new URLSearchParams();
  if (person) query.set("person", person);
  if (bot) query.set("bot", bot);
  return `#${query}`;
}
