import { isAlphanumeric, isLetter } from './characters.ts';
import { BOLD, FRESH, ITALIC, inside, LABEL, type Place, SPOILER, STRIKE, type State } from './places.ts';
import type { Reference } from './references.ts';
import type { Scanner } from './scanner.ts';

export type EmphasisKind = 'bold' | 'italic' | 'strike' | 'spoiler';

export interface Found {
  /** Negative: there is none. */
  end: number;
  /** How many characters open it and close it. */
  border: 1 | 2;
  /** Where the content ends. */
  stop: number;
  /** Italics that go on within a word (`_a_b`): their delimiters are text. */
  isUnfinished: boolean;
}

export type Label = Reference & { stop: number };

const NONE: Found = { end: -1, border: 1, stop: -1, isUnfinished: false };
const NO_LABEL: Label = { end: -1, src: '', stop: -1 };

const KINDS = {
  bold: { kind: BOLD, delimiter: 42 },
  italic: { kind: ITALIC, delimiter: 95 },
  strike: { kind: STRIKE, delimiter: 126 },
  spoiler: { kind: SPOILER, delimiter: 124 },
} as const;

/** Finds the ends of emphasis, spoilers and labels. Each is looked for once for each position and place, whoever asks. */
export class Emphasis {
  readonly #scanner: Scanner;
  readonly #found = new Map<number, Found[]>();
  readonly #labels = new Map<number, Label[]>();
  readonly #stops = new Map<number, Int32Array>();

  constructor(scanner: Scanner) {
    this.#scanner = scanner;
  }

  /** Emphasis that begins at a position of a run in `outer`. */
  find(kind: EmphasisKind, outer: Place, at: number): Found {
    const place = inside(outer, KINDS[kind].kind);
    const found = listOf(this.#found, place);
    const result = found[at] ?? this.#find(kind, place, at);
    found[at] = result;
    return result;
  }

  #find(kind: EmphasisKind, place: Place, at: number): Found {
    const { delimiter } = KINDS[kind];
    const { text } = this.#scanner;
    const border = text.charCodeAt(at + 1) === delimiter ? 2 : 1;
    if (kind === 'spoiler' && border === 1) return NONE;
    const from = at + border;
    const stop = this.runStop(place, FRESH, from);
    if (stop === from || text.charCodeAt(stop) !== delimiter) return NONE;
    if (border === 2 && text.charCodeAt(stop + 1) !== delimiter) return NONE;
    const closed = stop + border;
    let end = closed;
    const goesOn = border === 2 ? isAlphanumeric : isLetter;
    if (kind === 'italic') while (goesOn(text.charCodeAt(end))) end++;
    return { end, border, stop, isUnfinished: end > closed };
  }

  /** The link `[label](target)` that begins at a position of a run in `outer`. */
  labelled(outer: Place, at: number): Label | undefined {
    const place = inside(outer, LABEL);
    const labels = listOf(this.#labels, place);
    const label = labels[at] ?? this.#findLabel(place, at);
    labels[at] = label;
    return label === NO_LABEL ? undefined : label;
  }

  #findLabel(place: Place, at: number): Label {
    const { text, ahead, references } = this.#scanner;
    if (ahead.next('](', at) === text.length) return NO_LABEL;
    const stop = this.runStop(place, FRESH, at + 1);
    const target = stop < text.length ? references.target(stop) : undefined;
    return target ? { ...target, stop } : NO_LABEL;
  }

  /** Where a run of pieces stops: at the first position where nothing begins that may stand in it. */
  runStop(place: Place, state: State, from: number): number {
    const scanner = this.#scanner;
    const stops = this.#stopsOf(place);
    const width = scanner.text.length + 1;
    let key = state * width + from;
    let known = stops[key] ?? 0;
    if (known > 0) return known - 1;
    let at = from;
    const first = key;
    while (known === 0) {
      if (scanner.next(place, Math.floor(key / width) as State, at) === 'stop') {
        known = at + 1;
        stops[key] = known;
        break;
      }
      at = scanner.end;
      const next = scanner.state * width + at;
      // Until it is known where the run stops, each position of it leads to the next one.
      stops[key] = -next;
      key = next;
      known = stops[key] ?? 0;
    }
    for (let step = first; (stops[step] ?? 0) < 0; ) {
      const next = -(stops[step] ?? 0);
      stops[step] = known;
      step = next;
    }
    return known - 1;
  }

  /** For each state and position one more than where its run stops, 0 where nobody asked yet. */
  #stopsOf(place: Place): Int32Array {
    let stops = this.#stops.get(place);
    if (!stops) {
      stops = new Int32Array((this.#scanner.text.length + 1) * 3);
      this.#stops.set(place, stops);
    }
    return stops;
  }
}

function listOf<T>(lists: Map<number, T[]>, key: number): T[] {
  let list = lists.get(key);
  if (!list) {
    list = [];
    lists.set(key, list);
  }
  return list;
}
