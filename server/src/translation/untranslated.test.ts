import { describe, expect, it } from 'vitest';
import { linesOf } from './untranslated.ts';

/** As a service that shouts: letters outside of elements and entities in upper case. */
const shout = (html: string): string =>
  html
    .split(/(<[^<>]*>|&[^;]*;)/)
    .map((part, index) => (index % 2 === 0 ? part.toUpperCase() : part))
    .join('');

const translated = (text: string, translate = shout): string =>
  linesOf(text)
    .map((line) => (line.html === undefined ? line.original : line.restored(translate(line.html))))
    .join('\n');

describe('a translation', () => {
  it.each([
    ['words', 'hello, <you> & "me"', 'HELLO, <YOU> & "ME"'],
    [
      'mentions',
      'ask @bob.jones and @all in #general, please',
      'ASK @bob.jones AND @all IN #general, PLEASE',
    ],
    ['links', 'see https://a.example/x?y=z#q or ftp', 'SEE https://a.example/x?y=z#q OR FTP'],
    ['links with labels', 'read [this](https://a.example/x) now', 'READ [THIS](https://a.example/x) NOW'],
    ['code', 'run `rm -rf x` now', 'RUN `rm -rf x` NOW'],
    ['code blocks', 'so:\n```\nlet x;\n```\ndone', 'SO:\n```\nlet x;\n```\nDONE'],
    ['emoji', 'well :thumbs_up: done 👍🏽 he', 'WELL :thumbs_up: DONE 👍🏽 HE'],
    ['lists and quotes', '> said\n- one\n  2. two\n# title', '> SAID\n- ONE\n  2. TWO\n# TITLE'],
    ['an address of mail', 'to me@a.example', 'TO ME@A.EXAMPLE'],
    ['blank lines', 'a\n\n  \nb', 'A\n\n  \nB'],
    ['elements of its own', 'a <i>0</i> @b', 'A <I>0</I> @b'],
    ['texts with our own marks', 'a \ue0000\ue001', 'a \ue0000\ue001'],
  ])('keeps what it must of %s', (_what, text, result) => {
    expect(translated(text)).toBe(result);
  });

  it.each([
    ['lost', () => 'WORDS'],
    ['doubled', (html: string) => html + html],
    ['invented', () => '<i class="notranslate">7</i>'],
  ])('that has %s a piece is none', (_what, translate) => {
    expect(translated('hello @bob', translate)).toBe('hello @bob');
  });

  it('may move pieces, and come back with other marks around them', () => {
    expect(translated('@ann sees @bob', () => '<I translate=no> 1 </I> by <i>0</i>&#39;s\neyes')).toBe(
      "@bob by @ann's eyes",
    );
  });

  it('is not asked for where there are no words', () => {
    for (const text of ['', '12 + 3', ':smile:', '@bob', '`code`', 'https://a.example']) {
      expect(linesOf(text).map(({ html }) => html)).toEqual([undefined]);
    }
  });

  it.each(['[](', '](', '@', ':a', '`', '```', '\u{1f44d}', '- ', '@a.', '  ', 'http://'])(
    'of many "%s" is prepared in no time',
    (piece) => {
      const start = performance.now();
      translated(piece.repeat(20_000 / piece.length));
      expect(performance.now() - start).toBeLessThan(1000);
    },
  );
});
