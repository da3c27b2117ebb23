/** `a, b,,c` -> `['a', 'b', 'c']`: how settings and clients list things in one text. */
export const commaList = (text: string): string[] =>
  text === ''
    ? []
    : text
        .split(',')
        .map((entry) => entry.trim())
        .filter((entry) => entry !== '');
