import { digitsOf } from './addresses.ts';
import type { Ahead } from './ahead.ts';
import { isSpace } from './characters.ts';
import { isKnownHost, isKnownMailHost } from './domains.ts';
import { emoticonAt } from './emoji.ts';
import type { EmphasisKind } from './emphasis.ts';
import { type Inline, link, plain } from './nodes.ts';
import {
  BOLD,
  FRESH,
  ITALIC,
  inside,
  LABEL,
  PARAGRAPH,
  type Place,
  SPOILER,
  STRIKE,
  type State,
} from './places.ts';
import type { Kind, Scanner } from './scanner.ts';
import { colorNode, timestampAt, timestampNode } from './small-forms.ts';

const EMPHASIS = {
  bold: { type: 'BOLD', place: BOLD },
  italic: { type: 'ITALIC', place: ITALIC },
  strike: { type: 'STRIKE', place: STRIKE },
  spoiler: { type: 'SPOILER', place: SPOILER },
} as const;

/** Builds the nodes of running text from what a scanner recognises. */
export class InlineBuilder {
  readonly #scanner: Scanner;
  readonly #text: string;
  #hasLoneStar = false;

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
    this.#text = scanner.text;
  }

  get ahead(): Ahead {
    return this.#scanner.ahead;
  }

  /** The running text from a position to the end of its line, and whether a star in it opens and closes nothing. */
  paragraph(from: number): { nodes: Inline[]; end: number; hasLoneStar: boolean } {
    const nodes: Inline[] = [];
    this.#hasLoneStar = false;
    const end = this.#run(PARAGRAPH, from, Number.POSITIVE_INFINITY, nodes);
    return { nodes: withoutStrayEmoji(nodes), end, hasLoneStar: this.#hasLoneStar };
  }

  #within(place: Place, from: number, stop: number): Inline[] {
    const nodes: Inline[] = [];
    this.#run(place, from, stop, nodes);
    return withoutStrayEmoji(nodes);
  }

  #run(place: Place, from: number, stop: number, nodes: Inline[]): number {
    const scanner = this.#scanner;
    let at = from;
    let state: State = FRESH;
    while (at < stop) {
      const kind = scanner.next(place, state, at);
      if (kind === 'stop') break;
      const { end } = scanner;
      state = scanner.state;
      if (place === PARAGRAPH && kind === 'text' && end === at + 1 && this.#text.charCodeAt(at) === 42) {
        this.#hasLoneStar = true;
      }
      this.#add(place, kind, at, end, nodes);
      at = end;
    }
    return at;
  }

  #add(place: Place, kind: Kind, at: number, end: number, nodes: Inline[]): void {
    const text = this.#text;
    switch (kind) {
      case 'text':
        return addText(nodes, text.slice(at, end));
      case 'escape':
        return addText(nodes, text.slice(at + 1, end));
      case 'code':
        return void nodes.push({ type: 'INLINE_CODE', value: plain(text.slice(at + 1, end - 1)) });
      case 'katex': {
        const from = text.charCodeAt(at) === 36 ? at + 1 : at + 2;
        const stop = text.charCodeAt(end - 1) === 36 ? end - 1 : end - 2;
        return void nodes.push({ type: 'INLINE_KATEX', value: text.slice(from, stop) });
      }
      case 'bold':
        return this.#emphasis(place, 'bold', at, nodes);
      case 'italic':
        return this.#emphasis(place, 'italic', at, nodes);
      case 'strike':
        return this.#emphasis(place, 'strike', at, nodes);
      case 'spoiler':
        return this.#emphasis(place, 'spoiler', at, nodes);
      case 'unfinished':
        return this.#unfinished(place, at, end, nodes);
      case 'link':
        return this.#link(place, at, nodes);
      case 'angled':
        return this.#angled(at, nodes);
      case 'image':
        return this.#image(at, nodes);
      case 'color':
        return void nodes.push(colorNode(text.slice(at, end)));
      case 'timestamp': {
        const timestamp = timestampAt(text, at);
        return timestamp && void nodes.push(timestampNode(timestamp));
      }
      case 'user':
        return void nodes.push({ type: 'MENTION_USER', value: plain(text.slice(at + 1, end)) });
      case 'room':
        return void nodes.push({ type: 'MENTION_CHANNEL', value: plain(text.slice(at + 1, end)) });
      case 'shortcode': {
        const shortCode = text.slice(at + 1, end - 1);
        return void nodes.push({ type: 'EMOJI', value: plain(shortCode), shortCode });
      }
      case 'emoticon': {
        const shortCode = emoticonAt(text, at)?.shortCode ?? '';
        return void nodes.push({ type: 'EMOJI', value: plain(text.slice(at, end)), shortCode });
      }
      case 'emoji':
        return void nodes.push({ type: 'EMOJI', unicode: text.slice(at, end) });
      case 'address':
        return this.#address(text.slice(at, end), nodes);
      case 'mail':
        return mail(text.slice(at, end), nodes);
      case 'phone':
        return void nodes.push(link(`tel:${digitsOf(text.slice(at, end))}`, [plain(text.slice(at, end))]));
      case 'stop':
        return undefined;
    }
  }

  #emphasis(outer: Place, kind: EmphasisKind, at: number, nodes: Inline[]): void {
    const { border, stop } = this.#scanner.emphasis.find(kind, outer, at);
    const { type, place } = EMPHASIS[kind];
    nodes.push({ type, value: this.#within(inside(outer, place), at + border, stop) });
  }

  #unfinished(outer: Place, at: number, end: number, nodes: Inline[]): void {
    const { border, stop } = this.#scanner.emphasis.find('italic', outer, at);
    addText(nodes, this.#text.slice(at, at + border));
    for (const node of this.#within(inside(outer, ITALIC), at + border, stop)) add(nodes, node);
    addText(nodes, this.#text.slice(stop, end));
  }

  #link(outer: Place, at: number, nodes: Inline[]): void {
    const label = this.#scanner.emphasis.labelled(outer, at);
    if (!label) return;
    const { src, stop } = label;
    nodes.push(link(src, stop === at + 1 ? [plain(src)] : this.#within(inside(outer, LABEL), at + 1, stop)));
  }

  #angled(at: number, nodes: Inline[]): void {
    const reference = this.#scanner.references.angled(at);
    if (reference) nodes.push(link(reference.src, [plain(reference.label)]));
  }

  #image(at: number, nodes: Inline[]): void {
    const image = this.#scanner.references.image(at);
    if (!image) return;
    const label = this.#text.slice(at + 2, image.stop) || image.src;
    nodes.push({ type: 'IMAGE', value: { src: plain(image.src), label: plain(label) } });
  }

  #address(address: string, nodes: Inline[]): void {
    if (!isKnownHost(address, this.#scanner.options.customDomains ?? [])) return addText(nodes, address);
    nodes.push(link(URL.canParse(address) ? address : `//${address}`, [plain(address)]));
  }
}

function mail(source: string, nodes: Inline[]): void {
  const address = source.startsWith('mailto:') ? source.slice('mailto:'.length) : source;
  const at = address.lastIndexOf('@');
  // Such characters are allowed in mailboxes, but who writes them means a path.
  const isPath = /[/?#]/.test(address.slice(0, at));
  if (isPath || !isKnownMailHost(address.slice(at + 1))) return addText(nodes, source);
  nodes.push(link(`mailto:${address}`, [plain(address)]));
}

/** Neighbouring texts are one. */
function addText(nodes: Inline[], text: string): void {
  if (text === '') return;
  const last = nodes.at(-1);
  if (last?.type === 'PLAIN_TEXT') last.value += text;
  else nodes.push(plain(text));
}

function add(nodes: Inline[], node: Inline): void {
  if (node.type === 'PLAIN_TEXT') addText(nodes, node.value);
  else nodes.push(node);
}

/** A shortcode or emoticon that touches a word or another emoji is text: `10:30:00`, `C:/dir`. */
function withoutStrayEmoji(nodes: Inline[]): Inline[] {
  if (!nodes.some((node) => node.type === 'EMOJI' && 'shortCode' in node)) return nodes;
  const kept: Inline[] = [];
  for (const [index, node] of nodes.entries()) {
    if (node.type !== 'EMOJI' || !('shortCode' in node)) add(kept, node);
    else if (isSeparate(nodes[index - 1], 'end') && isSeparate(nodes[index + 1], 'start')) kept.push(node);
    else addText(kept, node.value.value === node.shortCode ? `:${node.shortCode}:` : node.value.value);
  }
  return kept;
}

function isSeparate(neighbour: Inline | undefined, side: 'start' | 'end'): boolean {
  if (!neighbour) return true;
  if (neighbour.type === 'EMOJI') return false;
  if (neighbour.type !== 'PLAIN_TEXT') return true;
  return isSpace(neighbour.value.charCodeAt(side === 'start' ? 0 : neighbour.value.length - 1));
}
