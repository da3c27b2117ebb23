/** Looking through more would cost more time than the memory is worth. */
const LONGEST_LIST = 32;

const NONE: readonly never[] = [];

/**
 * A map from ids to things that carry their id, of which there are many with few things each: up to 32 are a list without spare
 * room, where a `Map` takes 50 to 100 bytes for each. Keeps the order in which they were added; may be changed while it is
 * walked through.
 */
export class SmallIndex<T extends { readonly id: string }> implements Iterable<T> {
  #things: readonly T[] | Map<string, T> = NONE;

  get size(): number {
    return this.#things instanceof Map ? this.#things.size : this.#things.length;
  }

  get(id: string): T | undefined {
    return this.#things instanceof Map ? this.#things.get(id) : this.#things.find((thing) => thing.id === id);
  }

  has(id: string): boolean {
    return this.get(id) !== undefined;
  }

  /** Takes the place of a thing with the same id. */
  set(thing: T): void {
    const things = this.#things;
    if (things instanceof Map) {
      things.set(thing.id, thing);
      return;
    }
    const place = things.findIndex(({ id }) => id === thing.id);
    if (place !== -1) this.#things = things.with(place, thing);
    else if (things.length < LONGEST_LIST) this.#things = things.concat([thing]);
    else this.#things = new Map([...things, thing].map((each) => [each.id, each]));
  }

  delete(id: string): void {
    const things = this.#things;
    if (things instanceof Map) {
      things.delete(id);
      return;
    }
    const place = things.findIndex((thing) => thing.id === id);
    if (place !== -1) this.#things = things.toSpliced(place, 1);
  }

  clear(): void {
    this.#things = NONE;
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#things.values();
  }
}
