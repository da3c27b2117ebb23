import { describe, expect, test } from 'vitest';
import { wordCondition } from './text-condition.ts';
import { foldText, indexedWords } from './words.ts';

describe('a folded text', () => {
  test.each([
    ['', ' '],
    ['!?', ' '],
    ['Hello, WORLD_2!', ' hello world 2 '],
    ['Crème brûlée', ' creme brulee '],
    ['Straße ŁÓDŹ İstanbul ΟΔΟΣ', ' strasse lodz istanbul οδοσ '],
    ['ﬁne Ｗｉｄｅ', ' fine wide '],
    ['かがみ', ' かがみ '],
    ['iPhone版です', ' iphone 版です '],
    ['한국어', ' 한국어 '],
    ['हिन्दी', ' हिन्दी '],
    ['ok 👍🏽 done', ' ok done '],
    ['שָׁלוֹם', ' שלום '],
  ])('%j is %j', (text, folded) => {
    expect(foldText(text)).toBe(folded.normalize('NFC'));
    expect(foldText(folded)).toBe(folded.normalize('NFC'));
  });

  test.each([
    ['plain words', 'plain words'],
    ['明日の会議 at noon', '明日 日の の会 会議 議 at noon'],
    ['会', '会'],
    ['𠮷野家', '𠮷野 野家 家'],
  ])('%j is indexed as %j', (text, words) => {
    expect(indexedWords(foldText(text))).toBe(words);
  });
});

describe('a condition on words', () => {
  test.each([
    ['deploy', 'We deploy today', true],
    ['deploy', 'the deployment', false],
    ['deploy*', 'the Deployment', true],
    ['ploy*', 'the deployment', false],
    ['coffee tea', 'some tea', true],
    ['coffee tea', 'some water', false],
    ['"small room"', 'in the SMALL, room', true],
    ['"small room"', 'a room so small', false],
    ['"small roo"', 'a small room', false],
    ['"small room" kitchen', 'the small room', true],
    ['"small room" kitchen', 'the kitchen', false],
    ['"small room" "the kitchen"', 'the small room behind the kitchen', true],
    ['"small room" "the kitchen"', 'the small room', false],
    ['coffee -sugar', 'coffee with milk', true],
    ['coffee -sugar', 'coffee with sugar', false],
    ['coffee -"no sugar"', 'coffee, no sugar', false],
    ['-sugar', 'coffee', false],
    ['!!!', '!!!', false],
    ["don't", "I don't know", true],
    ["don't", 'I don know t', false],
    ['creme', 'Crème', true],
    ['crème', 'creme', true],
    ['会議', '明日の会議です', true],
    ['会議', '議会', false],
    ['議', '明日の会議', true],
    ['か', 'が', false],
    ['"会議 at noon"', '明日の会議 at noon', true],
    ['coffee -会議', 'coffee 会議', false],
    ['coffee -会議', 'coffee 会', true],
  ])('%j holds for %j: %j', (query, text, holds) => {
    expect(wordCondition(query).matches(text)).toBe(holds);
  });
});
