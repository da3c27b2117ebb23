import { BadContent, LIMITS } from './limits.ts';

/**
 * The items of a JSON array, each parsed when it is whole: a file of any length is read without holding more than one of its items.
 *
 * @throws BadContent for what is no array
 */
export async function* jsonItems(pieces: AsyncIterable<string>): AsyncGenerator<unknown> {
  const reader = new ItemReader();
  for await (const piece of pieces) yield* reader.take(piece);
  reader.end();
}

const BLANK = /\s/;

class ItemReader {
  #state: 'before' | 'inside' | 'after' = 'before';
  #item = '';
  #depth = 0;
  #inText = false;
  #escaped = false;
  #isFirst = true;

  take(piece: string): unknown[] {
    const items: unknown[] = [];
    let start = 0;
    for (let at = 0; at < piece.length; at++) {
      const char = piece[at] as string;
      if (this.#state !== 'inside') {
        this.#outside(char);
        start = at + 1;
      } else if (this.#inText) {
        if (this.#escaped) this.#escaped = false;
        else if (char === '\\') this.#escaped = true;
        else if (char === '"') this.#inText = false;
      } else if (char === '"') {
        this.#inText = true;
      } else if (char === '{' || char === '[') {
        this.#depth += 1;
      } else if (this.#depth > 0 && (char === '}' || char === ']')) {
        this.#depth -= 1;
      } else if (this.#depth === 0 && (char === ',' || char === ']')) {
        this.#keep(piece.slice(start, at));
        start = at + 1;
        this.#endItem(char, items);
      }
    }
    if (this.#state === 'inside') this.#keep(piece.slice(start));
    return items;
  }

  end(): void {
    if (this.#state !== 'after') throw new BadContent('the file is cut off, or no array');
  }

  #outside(char: string): void {
    if (this.#state === 'before' && char === '[') this.#state = 'inside';
    else if (!BLANK.test(char) && char !== '\ufeff') throw new BadContent('the file is no array');
  }

  #keep(text: string): void {
    this.#item += text;
    if (this.#item.length > LIMITS.item) throw new BadContent('an item is too long');
  }

  #endItem(char: string, items: unknown[]): void {
    const text = this.#item;
    this.#item = '';
    const isEmptyArray = char === ']' && this.#isFirst && text.trim() === '';
    if (!isEmptyArray) items.push(parsed(text));
    this.#isFirst = false;
    if (char === ']') this.#state = 'after';
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BadContent('an item is no JSON', { cause });
  }
}
