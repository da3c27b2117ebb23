/** Looking through more would cost more time than the memory is worth. */
const LONGEST_LIST = 32;

const NONE: readonly never[] = [];

/**
 * A set that mostly has few members, and of which there are many: up to 32 members are a list without spare room, at 8 bytes each,
 * where a `Set` takes 34 to 68. Keeps the order in which they were added; may be changed while it is walked through.
 */
export class SmallSet<T> implements Iterable<T> {
  #members: readonly T[] | Set<T> = NONE;

  get size(): number {
    return this.#members instanceof Set ? this.#members.size : this.#members.length;
  }

  has(member: T): boolean {
    return this.#members instanceof Set ? this.#members.has(member) : this.#members.includes(member);
  }

  add(member: T): void {
    if (this.#members instanceof Set) this.#members.add(member);
    else if (this.#members.length === LONGEST_LIST && !this.has(member))
      this.#members = new Set([...this.#members, member]);
    // `concat` makes the list as long as it is; `push` and `[...list, member]` leave room for 16 and half as many again.
    else if (!this.has(member)) this.#members = this.#members.concat([member]);
  }

  /** False when it was not there. */
  delete(member: T): boolean {
    if (this.#members instanceof Set) return this.#members.delete(member);
    const place = this.#members.indexOf(member);
    if (place === -1) return false;
    this.#members = this.#members.toSpliced(place, 1);
    return true;
  }

  clear(): void {
    this.#members = NONE;
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#members[Symbol.iterator]();
  }
}
