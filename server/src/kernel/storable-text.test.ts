import { expect, test } from 'vitest';
import { mayHoldUnstorable, reviveStorable, storableText } from './storable-text.ts';

test('zeros and half surrogate pairs become replacement characters', () => {
  expect(storableText('a\u0000b\u0000')).toBe('a\ufffdb\ufffd');
  expect(storableText('\ud800 \udc00')).toBe('\ufffd \ufffd');
  expect(storableText('\udc00\ud800')).toBe('\ufffd\ufffd');
});

test('everything else stays, whole pairs and other control characters included', () => {
  const text = 'ü 😀 \u0007\u202e\ufffd\n';
  expect(storableText(text)).toBe(text);
});

test('JSON text is revived when an escape could stand for what cannot be stored', () => {
  for (const json of ['"\\u0000"', '"\\uD83D\\uDE00"', '"\\udfff"'])
    expect(mayHoldUnstorable(json)).toBe(true);
  for (const json of ['"\\u00e4"', '"\\ud"', '"😀"']) expect(mayHoldUnstorable(json)).toBe(false);
  const revived: unknown = JSON.parse('{"a":["\\u0000",1,null,"\\ud83d\\ude00","\\ud83d"]}', reviveStorable);
  expect(revived).toEqual({ a: ['\ufffd', 1, null, '😀', '\ufffd'] });
});
