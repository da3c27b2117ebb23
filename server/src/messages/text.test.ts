import { describe, expect, test } from 'vitest';
import { settingsOver } from '../kernel/settings.ts';
import { coverBadWords } from './bad-words.ts';
import { namesInText } from './names-in-text.ts';
import { withoutCode } from './plain-text.ts';
import { withQuoteLevels } from './quotes.ts';
import { messageUrls, urlsInText } from './urls.ts';

const NAMES = '[0-9a-zA-Z-_.]+';

describe('names in a text', () => {
  test.each([
    ['@alice and @bob', ['alice', 'bob']],
    ['>@alice\n@bob\t@carol', ['alice', 'bob', 'carol']],
    ['mail me at alice@example.com', []],
    ['@alice @alice', ['alice']],
    ['@bob.', ['bob.']],
    ['@bob: hello', ['bob']],
    ['@bob:server.org hello', ['bob:server.org']],
    ['@bob@other hello', ['bob@other']],
    ['`@alice` ```\n@bob\n``` @carol', ['carol']],
    ['@ @@alice', []],
  ])('%j names %j', (text, names) => {
    expect(namesInText(text, '@', NAMES)).toEqual(names);
  });

  test('rooms are found after a hash, without a server part', () => {
    expect(namesInText('#general #dev:x and a#b', '#', NAMES)).toEqual(['general', 'dev']);
  });

  test('a rule that is no regular expression is replaced by the default', () => {
    expect(namesInText('@alice', '@', '[')).toEqual(['alice']);
  });
});

describe('addresses in a text', () => {
  test.each([
    ['see https://a.example/b?c=d#e.', ['https://a.example/b?c=d#e']],
    ['(http://a.example/x) http://a.example/x', ['http://a.example/x']],
    ['[text](https://a.example/path)', ['https://a.example/path']],
    ['http://user:pass@host:8080/p', ['http://user:pass@host:8080/p']],
    ['http://host: and more', ['http://host']],
    ['`https://a.example` https://b.example', ['https://b.example']],
    ['https://de.example/wiki/Übung', ['https://de.example/wiki/Übung']],
    ['://x a://b http://', []],
    ['ftp://a.example/x', ['ftp://a.example/x']],
    ['https://a.example/?msg=abc, and', ['https://a.example/?msg=abc']],
  ])('%j has %j', (text, urls) => {
    expect(urlsInText(text)).toEqual(urls);
  });

  test('only the wanted ones and links into the workspace are marked for previews', () => {
    const text = 'https://a.example https://b.example http://chat.example/x';
    expect(messageUrls({ text, siteUrl: 'http://chat.example', previewUrls: ['https://b.example'] })).toEqual(
      [
        { url: 'https://a.example', meta: {}, ignoreParse: true },
        { url: 'https://b.example', meta: {} },
        { url: 'http://chat.example/x', meta: {} },
      ],
    );
  });
});

test('what Spotify calls a song stands for its page, outside code', () => {
  const text = 'spotify:track:4uLU `spotify:track:x` spotify:album:1a, xspotify:track:y spotify:track:4uLU';
  expect(messageUrls({ text, siteUrl: '' })).toEqual([
    { url: 'https://open.spotify.com/track/4uLU', source: 'spotify:track:4uLU', meta: {} },
  ]);
});

test('bad words are covered, the usual ones and those of the workspace, but those it allows', () => {
  const settings = settingsOver(
    (id) =>
      ({
        Message_AllowBadWordsFilter: true,
        Message_BadWordsFilterList: 'Foo, c++',
        Message_BadWordsWhitelist: 'Balls',
      })[id],
  );
  const text = 'FOO foobar _foo_ bitch! b!tch c++ balls';
  expect(coverBadWords(settings, text)).toBe('*** foobar _foo_ *****! *!*** *++ balls');
  expect(
    coverBadWords(
      settingsOver(() => undefined),
      text,
    ),
  ).toBe(text);
});

test('long texts of nothing but special characters are scanned in one go', () => {
  for (const unit of ['@', ' @a', '`', '```', 'http://', '://', '-', 'a.', 'http://a?', '#', '>@']) {
    const text = unit.repeat(200_000 / unit.length);
    expect(() => [
      namesInText(text, '@', NAMES),
      namesInText(text, '#', NAMES),
      urlsInText(text),
    ]).not.toThrow();
    expect(withoutCode(text).length).toBeLessThanOrEqual(text.length);
  }
});

test('quotes inside quotes are kept to the configured depth', () => {
  const inner = { message_link: 'c', attachments: [] };
  const outer = { message_link: 'b', text: 'b', attachments: [inner] };
  expect(withQuoteLevels([outer], 0)).toEqual([]);
  expect(withQuoteLevels([outer, { title: 'file' }], 1)).toEqual([
    { message_link: 'b', text: 'b' },
    { title: 'file' },
  ]);
  expect(withQuoteLevels([outer], 2)).toEqual([
    { message_link: 'b', text: 'b', attachments: [{ message_link: 'c' }] },
  ]);
});
