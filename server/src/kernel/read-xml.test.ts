import { expect, test } from 'vitest';
import { childOf, childrenOf, readXml, XmlError } from './read-xml.ts';

const read = (text: string) => readXml(text, { comments: 'skipped' });

test('elements have their namespace, their own text and what XML itself escapes', async () => {
  const root = await read(
    '<?xml version="1.0"?><a:x xmlns:a="urn:a" xmlns="urn:b" k="1" a:k="2">1<y>&lt;&#x41;</y><!-- - -->2<a:y/><![CDATA[<3>]]></a:x>',
  );
  expect(root).toMatchObject({ name: 'x', namespace: 'urn:a', text: '12<3>' });
  expect(root.attributes).toMatchObject({ k: '1', 'a:k': '2' });
  expect(childOf(root, 'urn:b', 'y')?.text).toBe('<A');
  expect(childrenOf(root, 'urn:a', 'y')).toHaveLength(1);
  expect(childOf(root, 'urn:c', 'y')).toBeUndefined();
});

test.each([
  ['nothing', ''],
  ['no element', 'hello'],
  ['an open element', '<a><b></a>'],
  ['a second root', '<a/><b/>'],
  ['text behind the end', '<a/>b'],
  ['a document type', '<!DOCTYPE a><a/>'],
  ['an entity that is not XML’s own', '<a>&nbsp;</a>'],
  ['a prefix of no namespace', '<x:a/>'],
  ['an attribute without quotes', '<a b=c/>'],
  ['too many levels', '<a>'.repeat(101) + '</a>'.repeat(101)],
  ['too many elements', `<a>${'<b/>'.repeat(50_000)}</a>`],
  ['a tag without an end', `<a ${'b="c" '.repeat(30_000)}/>`],
])('%s is refused', async (_, text) => {
  await expect(read(text)).rejects.toThrow(XmlError);
});

test.each(['<a>b<!-- -->c</a>', '<a><?x y?></a>', '<a><![CDATA[b]]></a>', '<?x y?><a/>'])(
  'where comments are refused, %s is',
  async (text) => {
    expect((await read(text)).name).toBe('a');
    await expect(readXml(text, { comments: 'refused' })).rejects.toThrow(XmlError);
  },
);

test('what is long is read piece by piece, wherever the pieces end', async () => {
  const words = Array.from({ length: 9000 }, (_, number) => `${number} Größe 🦓 & <`);
  const escaped = words.map((word) => `<w k="${word.replace('&', '&amp;').replace('<', '&lt;')}">`);
  let turns = 0;
  let counting = true;
  const count = () => {
    turns += 1;
    if (counting) setImmediate(count);
  };
  count();
  const root = await read(`<a>${escaped.map((tag, number) => `${tag}${number}</w>`).join('')}</a>`);
  counting = false;
  expect(root.children.map(({ attributes }) => attributes.k)).toEqual(words);
  expect(root.children.map(({ text }) => text)).toEqual(words.map((_, number) => String(number)));
  expect(turns).toBeGreaterThan(10);
});
