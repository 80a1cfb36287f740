/**
 * What a formatted text is made of. Pure: `{text, entities}` in, a tree of plain values out; `ui/richtext.js` draws it.
 *
 * Telegram counts offsets in UTF-16 units, which is how JavaScript indexes strings, so nothing is converted here.
 */

/** What may have nothing inside it: a link found within a code would be a link nobody wrote. */
const CLOSED = new Set(["pre", "code", "text_link", "url", "mention", "text_mention", "bot_command", "email", "hashtag", "date_time"]);
const BLOCKS = new Set(["pre", "blockquote", "expandable_blockquote"]);
const FOUND = [
  ["url", /https?:\/\/[^\s<>"«»]+|(?<![\w@/.-])t\.me\/[^\s<>"«»]+/gu],
  ["email", /(?<![\w.])[\w.+-]+@[\w-]+(?:\.[\w-]+)+/gu],
  ["mention", /(?<![\p{L}\p{N}_@/])@[A-Za-z]\w{3,31}/gu],
  ["bot_command", /(?<![\p{L}\p{N}_/<:.])\/[A-Za-z0-9_]{1,64}(?:@\w+)?(?![\p{L}\p{N}_/])/gu],
  ["hashtag", /(?<![\p{L}\p{N}_&/])#[\p{L}_][\p{L}\p{N}_]*/gu],
];

/** The nodes of a text: `{text}` or `{type, entity, text, nodes}`; `text` is what the node covers. */
export function tree(text, entities = []) {
  const known = (entities ?? []).filter((each) => isSound(each, text));
  const all = [...known, ...found(text, known)].map(({ offset, length, ...entity }) => ({
    from: offset,
    to: Math.min(offset + length, text.length),
    entity,
  }));
  return withoutEmptyLines(nodes(text, 0, text.length, all.sort((one, other) => one.from - other.from || other.to - one.to)));
}

/** A code or a quotation is a block of its own: the line break behind it would show as an empty line. */
function withoutEmptyLines(all) {
  return all
    .map((node, index) => (BLOCKS.has(all[index - 1]?.type) && !node.type ? { text: node.text.replace(/^\n/, "") } : node))
    .filter((node) => node.type || node.text !== "");
}

/** What Telegram's server finds by itself: addresses, names, commands. Nothing is found where an entity is already. */
export function found(text, known) {
  const taken = known.filter((each) => CLOSED.has(each.type)).map((each) => [each.offset, each.offset + each.length]);
  const results = [];
  for (const [type, pattern] of FOUND) {
    for (const match of text.matchAll(pattern)) {
      const length = type === "url" ? withoutTail(match[0]).length : match[0].length;
      const [from, to] = [match.index, match.index + length];
      if (taken.some(([start, end]) => from < end && start < to)) continue;
      taken.push([from, to]);
      results.push({ type, offset: from, length });
    }
  }
  return results;
}

/** Full stops and unpaired brackets after an address belong to the sentence. */
function withoutTail(address) {
  const bare = address.replace(/[.,:;!?'…]+$/u, "");
  return bare.endsWith(")") && !bare.includes("(") ? withoutTail(bare.slice(0, -1)) : bare;
}

function isSound(entity, text) {
  const { offset, length } = entity;
  return Number.isInteger(offset) && Number.isInteger(length) && offset >= 0 && length > 0 && offset < text.length;
}

/** Entities that overlap without nesting are cut at the outer one's end; the rest goes on beside it. */
function nodes(text, from, to, entities) {
  const result = [];
  const waiting = [...entities];
  let at = from;
  while (waiting.length > 0) {
    const { entity, from: start, to: end } = waiting.shift();
    if (start > at) result.push({ text: text.slice(at, start) });
    const inside = [];
    while (waiting.length > 0 && waiting[0].from < end) inside.push(waiting.shift());
    const parted = inside.map((each) => part(each, end));
    const nested = CLOSED.has(entity.type) && entity.type !== "text_link" ? [] : parted.map(([inner]) => inner);
    const covered = text.slice(start, end);
    result.push({ type: entity.type, entity, text: covered, nodes: nodes(text, start, end, nested) });
    waiting.unshift(...parted.flatMap(([, rest]) => rest));
    at = end;
  }
  if (at < to) result.push({ text: text.slice(at, to) });
  return result;
}

function part(each, end) {
  if (each.to <= end) return [each, []];
  return [{ ...each, to: end }, [{ ...each, from: end }]];
}

/** An address that may be opened: never a script, never a file of this machine. */
export function safeUrl(address) {
  const full = /^[a-z][a-z0-9+.-]*:/i.test(address) ? address : `https://${address}`;
  try {
    const url = new URL(full);
    return ["http:", "https:", "tg:", "mailto:", "tel:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}
