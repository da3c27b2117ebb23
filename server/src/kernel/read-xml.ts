import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SAXOptions } from 'sax';

/** What other servers say in XML. There is no document type in it, so no entities but XML's own five, and nothing is fetched. */
export interface XmlElement {
  /** Without its prefix. */
  name: string;
  /** The namespace itself, or ''. */
  namespace: string;
  /** By name as it is written; those of a namespace with their prefix. */
  attributes: Readonly<Record<string, string>>;
  /** Its own text, without that of its children. */
  text: string;
  children: readonly XmlElement[];
}

export class XmlError extends Error {}

const MAX_DEPTH = 100;
const MAX_ELEMENTS = 50_000;
/** What is read in one go, a few milliseconds: the server has other things to do meanwhile. */
const PIECE = 16 * 1024;
/** Without the beginning or the end of an element. The parser compares each attribute of a tag with all before. */
const MAX_QUIET = 128 * 1024;

/** `strictEntities`, which the package's types leave out, keeps it from knowing those of HTML. */
const OPTIONS: SAXOptions & { strictEntities: boolean } = {
  xmlns: true,
  position: false,
  strictEntities: true,
};

/**
 * Reads a document. `comments`: whether it may have comments and instructions, which some readers see in the middle of a text
 * and others do not. Throws `XmlError` for what is not well-formed, and for every document type.
 */
export async function readXml(
  text: string,
  { comments }: { comments: 'skipped' | 'refused' },
): Promise<XmlElement> {
  const { parser: parserOf } = await import('./packages/sax.ts');
  const parser = parserOf(true, OPTIONS);
  const refuse = (what: string) => () => {
    throw new XmlError(`the document has ${what}`);
  };
  let root: Open | undefined;
  let elements = 0;
  let quiet = 0;
  const open: Open[] = [];
  parser.onerror = (error) => {
    throw new XmlError(error.message.split('\n')[0]);
  };
  parser.ondoctype = refuse('a document type');
  if (comments === 'refused') {
    parser.oncomment = refuse('a comment');
    parser.onopencdata = refuse('a CDATA section');
    parser.onprocessinginstruction = ({ name }) => {
      if (name !== 'xml') refuse('an instruction')();
    };
  }
  parser.onopentag = (tag) => {
    if (!('ns' in tag)) return;
    const attributes = Object.entries(tag.attributes).map(([name, { value }]) => [name, value]);
    const element: Open = {
      name: tag.local,
      namespace: tag.uri,
      attributes: Object.fromEntries(attributes),
      text: '',
      children: [],
    };
    const parent = open.at(-1);
    if (parent) parent.children.push(element);
    else if (root) refuse('a second root')();
    root ??= element;
    if (open.push(element) > MAX_DEPTH) refuse('too many levels')();
    elements += 1;
    if (elements > MAX_ELEMENTS) refuse('too many elements')();
    quiet = 0;
  };
  const addText = (piece: string) => {
    const element = open.at(-1);
    if (element) element.text += piece;
  };
  parser.ontext = addText;
  parser.oncdata = addText;
  parser.onclosetag = () => {
    open.pop();
    quiet = 0;
  };
  for (let start = 0; start < text.length; start += PIECE) {
    if (start > 0) await nextTurn();
    const piece = text.slice(start, start + PIECE);
    quiet += piece.length;
    parser.write(piece);
    if (quiet > MAX_QUIET) refuse('too much in one place')();
  }
  parser.close();
  if (!root) throw new XmlError('the document is empty');
  return root;
}

interface Open extends XmlElement {
  text: string;
  children: Open[];
}

/** The children of this name. */
export const childrenOf = (
  element: XmlElement | undefined,
  namespace: string,
  name: string,
): readonly XmlElement[] =>
  element?.children.filter((child) => child.namespace === namespace && child.name === name) ?? [];

/** The one child of this name; undefined where there are none or several. */
export function childOf(
  element: XmlElement | undefined,
  namespace: string,
  name: string,
): XmlElement | undefined {
  const found = childrenOf(element, namespace, name);
  return found.length === 1 ? found[0] : undefined;
}
