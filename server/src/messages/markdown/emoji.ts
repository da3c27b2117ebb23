import { isAlphanumeric } from './characters.ts';

const EMOTICONS: Readonly<Record<string, readonly string[]>> = {
  angry: [':@', '>:(', '>:-('],
  broken_heart: ['</3'],
  confused: [':-.', ':-/', ':/', ':L', ':\\', '=/', '=L', '=\\', '>:/', '>:\\'],
  cry: [":'(", ":'-(", ';(', ';-('],
  disappointed: [':(', ':-(', ':-[', ':[', '=(', '>:['],
  dizzy_face: ['#)', '#-)', '%)', '%-)', 'X)', 'X-)'],
  expressionless: ['-_-', '-__-', '-___-'],
  fearful: ['D:'],
  flushed: [':$', '=$'],
  heart: ['<3'],
  innocent: ['0:)', '0:-)', '0:-3', '0:3', '0;-)', '0;^)', 'O:)', 'O:-)', 'O:-3', 'O:3', 'O;-)', 'O=)'],
  joy: [":')", ":'-)"],
  kissing_heart: [':*', ':-*', ':^*', '=*'],
  laughing: ['>:)', '>:-)', '>;)', '>=)'],
  no_mouth: [':#', ':-#', ':-X', ':X', '=#', '=X'],
  open_mouth: [':-O', ':O', '>:O', 'O_O'],
  persevere: ['>.<'],
  person_gesturing_ok: ['*\\0/*', '*\\O/*', '\\0/', '\\O/'],
  slight_smile: [':)', ':-)', ':]', '=)', '=]'],
  smiley: [':-D', ':D', '=D'],
  stuck_out_tongue: [':-P', ':-b', ':-Þ', ':P', ':b', ':Þ', '=P'],
  stuck_out_tongue_winking_eye: ['>:P', 'X-P'],
  sunglasses: ['8)', '8-)', '8-D', 'B)', 'B-)', 'B-D'],
  sweat: ["':(", "':-(", "'=("],
  sweat_smile: ["':)", "':-)", "':-D", "':D", "'=)", "'=D"],
  thumbsup: ['(y)'],
  wink: ['*)', '*-)', ';)', ';-)', ';-]', ';D', ';]', ';^)'],
};

/** First character -> the emoticons that begin with it, longest first. */
const BY_START = new Map<number, { text: string; shortCode: string }[]>();
for (const [shortCode, texts] of Object.entries(EMOTICONS)) {
  for (const text of texts) {
    const start = text.charCodeAt(0);
    const others = BY_START.get(start) ?? [];
    BY_START.set(
      start,
      [...others, { text, shortCode }].sort((a, b) => b.text.length - a.text.length),
    );
  }
}

/** The emoticon (`:)`) that begins here. */
export function emoticonAt(text: string, at: number): { text: string; shortCode: string } | undefined {
  const candidates = BY_START.get(text.charCodeAt(at));
  if (!candidates) return undefined;
  for (const candidate of candidates) if (text.startsWith(candidate.text, at)) return candidate;
  return undefined;
}

/** The end of `:shortcode:` that begins here, else `at`. Whether such an emoji exists is the client's business. */
export function endOfShortCode(text: string, at: number): number {
  if (text.charCodeAt(at) !== 58) return at;
  let end = at + 1;
  while (isShortCode(text.charCodeAt(end))) end++;
  return end > at + 1 && text.charCodeAt(end) === 58 ? end + 1 : at;
}

/** Letters, digits and `+-._`. */
const isShortCode = (code: number): boolean =>
  isAlphanumeric(code) || code === 43 || code === 45 || code === 46 || code === 95;

const isSkinTone = (cp: number): boolean => cp >= 0x1f3fb && cp <= 0x1f3ff;
const isPictograph = (cp: number): boolean => cp >= 0x1f300 && cp <= 0x1f5ff;
const isSupplement = (cp: number): boolean => cp >= 0x1f900 && cp <= 0x1f9ff;
const isFlagLetter = (cp: number): boolean => cp >= 0x1f1e6 && cp <= 0x1f1ff;
const isTechnicalOrDingbat = (cp: number): boolean =>
  (cp >= 0x2300 && cp <= 0x23ff) || (cp >= 0x2600 && cp <= 0x27bf);
const isFaceOrTransport = (cp: number): boolean =>
  (cp >= 0x1f600 && cp <= 0x1f64f) || (cp >= 0x1f680 && cp <= 0x1f6fa);

/** Joins two pictures to one; and asks for the coloured picture. */
const JOINER = 0x200d;
const COLOURED = 0xfe0f;

/** The end of the Unicode emoji that begins here, else `at`: a picture with a skin tone, joined pictures, a flag. */
export function endOfUnicodeEmoji(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first < 0x2300) return at;
  if (isTechnicalOrDingbat(first)) return text.charCodeAt(at + 1) === COLOURED ? at + 2 : at + 1;
  if (first !== 0xd83c && first !== 0xd83d && first !== 0xd83e) return at;
  const cp = text.codePointAt(at) ?? 0;
  if (isFlagLetter(cp)) return isFlagLetter(text.codePointAt(at + 2) ?? 0) ? at + 4 : at;
  if (isFaceOrTransport(cp)) return at + 2;
  if (isPictograph(cp)) return endOfJoined(text, endOfPicture(text, at), at);
  if (!isSupplement(cp)) return at;
  return isSkinTone(text.codePointAt(at + 2) ?? 0) ? endOfJoined(text, at + 4, at + 4) : at + 2;
}

/** The picture with its skin tone or the wish for colour. */
function endOfPicture(text: string, at: number): number {
  if (text.charCodeAt(at + 2) === COLOURED) return at + 3;
  return isSkinTone(text.codePointAt(at + 2) ?? 0) ? at + 4 : at + 2;
}

/** Pictures joined to what ends at `end`; `otherwise` where a joiner is followed by none. */
function endOfJoined(text: string, end: number, otherwise: number): number {
  let last = end;
  while (text.charCodeAt(last) === JOINER) {
    if (!isPictograph(text.codePointAt(last + 1) ?? 0)) return otherwise;
    last = endOfPicture(text, last + 1);
  }
  return last;
}
