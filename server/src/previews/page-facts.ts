import { decodeEntities } from './html-entities.ts';

/**
 * What the head of a page says about it. The page is somebody else's and may be made to be slow to read: everything here is
 * one walk over it, with bounds.
 */

const MAX_TAGS = 300;
const MAX_TAG_LENGTH = 10_000;
const MAX_FACTS = 30;
const MAX_FACT_LENGTH = 1000;
/** Of these everything up to their end is skipped: what looks like a tag in there is none. */
const OPAQUE = /^(?:script|style|noscript|template|textarea)$/i;

/** Title and kept meta tags, by the names that clients know (spec 30 §4.9). The first of a name wins. */
export function factsOfPage(html: string): Record<string, string> {
  const facts = new Map<string, string>();
  const add = (name: string, text: string) => {
    const value = decodeEntities(text).replace(/\s+/g, ' ').trim().slice(0, MAX_FACT_LENGTH);
    if (value !== '' && !facts.has(name) && facts.size < MAX_FACTS) facts.set(name, value);
  };
  for (const { tag, attributes, text } of headTags(html)) {
    if (tag === 'title') add('pageTitle', text);
    else {
      const name = factName(attributes.get('property') ?? attributes.get('name') ?? '');
      if (name) add(name, attributes.get('content') ?? '');
    }
  }
  return Object.fromEntries(facts);
}

const KEPT = /^(?:og|fb|twitter|oembed|msapplication).+|description|title/;

/** In camel case; undefined for what nobody shows. A page must not bring code under the name of a provider's. */
function factName(given: string): string | undefined {
  if (!/^[\w:.-]{1,60}$/.test(given)) return undefined;
  const name = camelCase(given);
  return KEPT.test(name.toLowerCase()) && name !== 'oembedHtml' ? name : undefined;
}

export function camelCase(text: string): string {
  const [first = '', ...others] = text.split(/[^A-Za-z0-9]+/).filter(Boolean);
  return [first.toLowerCase(), ...others.map((part) => part.charAt(0).toUpperCase() + part.slice(1))].join(
    '',
  );
}

interface Tag {
  tag: 'title' | 'meta';
  attributes: ReadonlyMap<string, string>;
  /** What a title encloses. */
  text: string;
}

const TAG_NAME = /[A-Za-z][A-Za-z0-9]*/y;

function* headTags(html: string): Generator<Tag> {
  let at = html.indexOf('<');
  for (let seen = 0; at !== -1 && seen < MAX_TAGS; ) {
    if (html.startsWith('<!--', at)) {
      at = html.indexOf('<', endOf(html, '-->', at + 4));
      continue;
    }
    TAG_NAME.lastIndex = at + 1;
    const tag = TAG_NAME.exec(html)?.[0].toLowerCase() ?? '';
    const inside = at + 1 + tag.length;
    if (OPAQUE.test(tag)) {
      at = html.indexOf('<', endOf(html, `</${tag}`, inside));
      continue;
    }
    if (tag === 'body') return;
    if (tag !== 'meta' && tag !== 'title') {
      at = html.indexOf('<', at + 1);
      continue;
    }
    seen++;
    const { attributes, length } = attributesOf(html.slice(inside, inside + MAX_TAG_LENGTH));
    const from = inside + length;
    const to = tag === 'title' ? endOf(html, '</title', from) - '</title'.length : from;
    yield { tag, attributes, text: html.slice(from, Math.max(from, Math.min(to, from + MAX_TAG_LENGTH))) };
    at = html.indexOf('<', to);
  }
}

/** Behind `mark`, in any case of letters; the end of the page when it does not come. */
function endOf(html: string, mark: string, from: number): number {
  const search = new RegExp(mark, 'gi');
  search.lastIndex = from;
  return search.test(html) ? search.lastIndex : html.length + mark.length;
}

const ATTRIBUTE = /\s*([^\s=>"'/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+)))?/y;

/** Up to the end of the tag. */
function attributesOf(text: string): { attributes: Map<string, string>; length: number } {
  const attributes = new Map<string, string>();
  let at = 0;
  while (at < text.length && text.charAt(at) !== '>') {
    ATTRIBUTE.lastIndex = at;
    const found = ATTRIBUTE.exec(text);
    if (!found) {
      at++;
      continue;
    }
    const [whole, name = '', double, single, bare] = found;
    if (!attributes.has(name.toLowerCase()))
      attributes.set(name.toLowerCase(), double ?? single ?? bare ?? '');
    at += whole.length;
  }
  return { attributes, length: Math.min(at + 1, text.length) };
}
