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
