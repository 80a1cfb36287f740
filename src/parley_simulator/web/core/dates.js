/** Times as a person reads them. Pure: Unix seconds, the language and the present are arguments. */

const DAY = 86_400;
const SPANS = [
  ["year", 365 * DAY],
  ["month", 30 * DAY],
  ["week", 7 * DAY],
  ["day", DAY],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];

const on = (seconds) => new Date(seconds * 1000);
const midnight = (seconds) => on(seconds).setHours(0, 0, 0, 0);

/** Whole days between the days of two moments; noon to noon, so that a change of clocks counts as none. */
function daysApart(seconds, now) {
  return Math.round((midnight(now) - midnight(seconds)) / (DAY * 1000));
}

export function clock(seconds, language) {
  return on(seconds).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

export function clockWithSeconds(seconds, language) {
  return on(seconds).toLocaleTimeString(language, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
}

/** The separator above a day's first message. */
export function dayLabel(seconds, now, language) {
  const apart = daysApart(seconds, now);
  if (apart === 0 || apart === 1) {
    const word = new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(-apart, "day");
    return word[0].toUpperCase() + word.slice(1);
  }
  const isThisYear = on(seconds).getFullYear() === on(now).getFullYear();
  const year = isThisYear ? {} : { year: "numeric" };
  return on(seconds).toLocaleDateString(language, { day: "numeric", month: "long", ...year });
}

/** The time in a list of chats: of today the clock, of this week the day's name, else the date. */
export function shortLabel(seconds, now, language) {
  const apart = daysApart(seconds, now);
  if (apart <= 0) return clock(seconds, language);
  if (apart < 7) return on(seconds).toLocaleDateString(language, { weekday: "short" });
  return on(seconds).toLocaleDateString(language, { day: "2-digit", month: "2-digit", year: "2-digit" });
}

/** The whole moment, for a title or a receipt. */
export function longLabel(seconds, language) {
  return on(seconds).toLocaleString(language, { dateStyle: "long", timeStyle: "short" });
}

export function dateLabel(seconds, language) {
  return on(seconds).toLocaleDateString(language, { day: "numeric", month: "long", year: "numeric" });
}

/** A `date_time` entity: its format is `r|w?[dD]?[tT]?`; empty or unknown leaves the text as it is written. */
export function formatted(entity, text, now, language) {
  const { unix_time: seconds, date_time_format: format = "" } = entity;
  if (!Number.isFinite(seconds) || !/^(r|w?[dD]?[tT]?)$/.test(format) || format === "") return text;
  if (format === "r") return relative(seconds - now, language);
  const options = {};
  if (format.includes("w")) options.weekday = "long";
  if (format.includes("d")) Object.assign(options, { day: "2-digit", month: "2-digit", year: "2-digit" });
  if (format.includes("D")) Object.assign(options, { day: "numeric", month: "long", year: "numeric" });
  if (/[tT]/.test(format)) Object.assign(options, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  if (format.includes("T")) options.second = "2-digit";
  return on(seconds).toLocaleString(language, options);
}

/** “in 5 minutes”, “2 days ago”. */
export function relative(seconds, language) {
  const [unit, size] = SPANS.find(([, span]) => Math.abs(seconds) >= span) ?? SPANS.at(-1);
  return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(Math.trunc(seconds / size), unit);
}
