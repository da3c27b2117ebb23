import { BadContent, LIMITS } from './limits.ts';

/**
 * Rows of CSV text as RFC 4180 has it: fields between commas, quoted ones may hold commas, line ends and doubled quotation
 * marks. Read a piece at a time; empty lines are left out. @throws BadContent where a quotation mark stands where none may
 */
export async function* csvRows(pieces: AsyncIterable<string>): AsyncGenerator<string[]> {
  const reader = new CsvReader();
  for await (const piece of pieces) {
    reader.take(piece);
    yield* reader.rows();
  }
  reader.end();
  yield* reader.rows();
}

type Place = 'start' | 'plain' | 'quoted' | 'quote-in-quoted';

class CsvReader {
  #ready: string[][] = [];
  #row: string[] = [];
  #field = '';
  #place: Place = 'start';
  #isFirst = true;
  /** The last character was a carriage return, which a line feed may follow. */
  #afterReturn = false;
  #length = 0;

  rows(): string[][] {
    const rows = this.#ready;
    this.#ready = [];
    return rows;
  }

  take(piece: string): void {
    // A mark of the byte order that some programs write.
    let at = this.#isFirst && piece.startsWith('\ufeff') ? 1 : 0;
    this.#isFirst = this.#isFirst && piece === '';
    while (at < piece.length) at = this.#step(piece, at);
  }

  end(): void {
    if (this.#place === 'quoted') throw new BadContent('a quoted field does not end');
    if (this.#place !== 'start' || this.#row.length > 0) this.#endRow();
  }

  /** Returns where to go on. */
  #step(piece: string, at: number): number {
    const char = piece[at] as string;
    if (this.#place === 'quoted') {
      const quote = piece.indexOf('"', at);
      const end = quote === -1 ? piece.length : quote;
      this.#add(piece.slice(at, end));
      if (quote !== -1) this.#place = 'quote-in-quoted';
      return quote === -1 ? end : end + 1;
    }
    const isFeedAfterReturn = this.#afterReturn && char === '\n';
    this.#afterReturn = char === '\r';
    if (isFeedAfterReturn) return at + 1;
    if (char === '"') {
      if (this.#place === 'plain')
        throw new BadContent('a quotation mark in a field without quotation marks');
      if (this.#place === 'quote-in-quoted') this.#add('"');
      this.#place = 'quoted';
    } else if (char === ',') {
      this.#endField();
    } else if (char === '\n' || char === '\r') {
      this.#endRow();
    } else {
      if (this.#place === 'quote-in-quoted') throw new BadContent('text behind a quoted field');
      this.#place = 'plain';
      const end = endOfPlain(piece, at);
      this.#add(piece.slice(at, end));
      return end;
    }
    return at + 1;
  }

  #add(text: string): void {
    this.#field += text;
    this.#length += text.length;
    if (this.#length > LIMITS.item) throw new BadContent('a row is too long');
  }

  #endField(): void {
    this.#row.push(this.#field);
    this.#field = '';
    this.#place = 'start';
    // Empty fields count, too.
    this.#length += 1;
    if (this.#length > LIMITS.item) throw new BadContent('a row is too long');
  }

  #endRow(): void {
    const isEmpty = this.#row.length === 0 && this.#place === 'start';
    this.#endField();
    if (!isEmpty) this.#ready.push(this.#row);
    this.#row = [];
    this.#length = 0;
  }
}

function endOfPlain(piece: string, from: number): number {
  let at = from;
  while (at < piece.length && !'",\r\n'.includes(piece[at] as string)) at++;
  return at;
}
