/** Stands for a piece of code: never whitespace, never part of a name or an address. */
const CODE = '\0';

/** The text with code blocks and code spans cut out, since names and links in them mean nothing. */
export const withoutCode = (text: string): string => replaceCode(text, () => CODE);

/**
 * The text with something else in the place of each code block and code span; what is put there holds no backticks. Linear in
 * the length of the text, whatever backticks it has.
 */
export function replaceCode(text: string, replacement: (code: string) => string): string {
  if (!text.includes('`')) return text;
  return replaceSpans(replaceBlocks(text, replacement), replacement);
}

function replaceBlocks(text: string, replacement: (code: string) => string): string {
  let kept = '';
  let from = 0;
  for (;;) {
    const start = text.indexOf('```', from);
    const end = start === -1 ? -1 : text.indexOf('```', start + 3);
    if (end === -1) return kept + text.slice(from);
    kept += text.slice(from, start) + replacement(text.slice(start, end + 3));
    from = end + 3;
  }
}

/** A span ends on its own line. */
function replaceSpans(text: string, replacement: (code: string) => string): string {
  const span = /`[^`\r\n]+`/y;
  let kept = '';
  let from = 0;
  for (;;) {
    const start = text.indexOf('`', from);
    if (start === -1) return kept + text.slice(from);
    span.lastIndex = start;
    if (span.test(text)) {
      kept += text.slice(from, start) + replacement(text.slice(start, span.lastIndex));
      from = span.lastIndex;
    } else {
      kept += text.slice(from, start + 1);
      from = start + 1;
    }
  }
}
