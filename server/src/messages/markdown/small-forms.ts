import { isEol, isName } from './characters.ts';
import { type Inline, plain } from './nodes.ts';

const BACKTICK = 96;

/** The end of code (`` `x` ``) that begins here and ends on the same line, else `at`. */
export function endOfCode(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && !isEol(text.charCodeAt(end)) && text.charCodeAt(end) !== BACKTICK) end++;
  return end > at + 1 && text.charCodeAt(end) === BACKTICK ? end + 1 : at;
}

/** The end of `@name`, `@name@server` or `@name:server`, else `at`. */
export function endOfUserMention(text: string, at: number): number {
  const end = endOfRoomMention(text, at);
  const joint = text.charCodeAt(end);
  return end > at && (joint === 64 || joint === 58) ? endOfRoomMention(text, end) : end;
}

/** The end of a name behind the character at `at`, else `at`. */
export function endOfRoomMention(text: string, at: number): number {
  let end = at + 1;
  while (end < text.length && isName(text.charCodeAt(end))) end++;
  return end > at + 1 ? end : at;
}

const COLOR = /color:#([0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{4}|[0-9a-fA-F]{3})/y;
/** A colour ends at the end of the line, at a tab or at a lone bracket or delimiter; anything else makes it a word. */
const AFTER_COLOR = /[\t\r\n()*[\\\]^_`{|}~]/;

/** The end of a colour (`color:#ff0000`) that begins here, else `at`. */
export function endOfColor(text: string, at: number): number {
  COLOR.lastIndex = at;
  if (!COLOR.test(text)) return at;
  const end = COLOR.lastIndex;
  return end === text.length || AFTER_COLOR.test(text.charAt(end)) ? end : at;
}

/** Three and four digits stand for six and eight, each doubled. */
export function colorNode(source: string): Inline {
  const digits = source.slice('color:#'.length);
  const pairs = digits.length <= 4 ? [...digits].map((digit) => digit + digit) : (digits.match(/../g) ?? []);
  const [r = 0, g = 0, b = 0, a = 255] = pairs.map((pair) => Number.parseInt(pair, 16));
  return { type: 'COLOR', value: { r, g, b, a } };
}

const ZONE = '[+-]\\d{2}:\\d{2}';
const TIMESTAMP = new RegExp(
  `<t:(?:(\\d{10})|(\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(?:\\.\\d{3})?(?:${ZONE})?)` +
    `|(\\d{2}:\\d{2}(?::\\d{2})?(?:${ZONE})?))(?::([tTdDfFR]))?>`,
  'y',
);

/** A point in time for clients to show in their own zone: `<t:1708551317:R>`, also as ISO date and as time of the current day. */
export function timestampAt(
  text: string,
  at: number,
): { end: number; timestamp: string; format: string } | undefined {
  if (!text.startsWith('<t:', at)) return undefined;
  TIMESTAMP.lastIndex = at;
  const found = TIMESTAMP.exec(text);
  if (!found) return undefined;
  const [, unix, iso, time, format = 't'] = found;
  return { end: TIMESTAMP.lastIndex, timestamp: unix ?? String(seconds(iso, time)), format };
}

/** A date that does not exist, and a time without its zone, are the epoch: so the published parser has it. */
function seconds(date: string | undefined, time: string | undefined): number {
  if (!date && time && !/[+-]/.test(time)) return 0;
  const ms = Date.parse(date ?? `${new Date().toISOString().slice(0, 10)}T${time}`);
  return Number.isNaN(ms) ? 0 : Math.floor(ms / 1000);
}

export function timestampNode({ timestamp, format }: { timestamp: string; format: string }): Inline {
  return {
    type: 'TIMESTAMP',
    value: { timestamp, format },
    fallback: plain(`<t:${timestamp}:${format}>`),
  };
}
