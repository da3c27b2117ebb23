/** What became of the documents of a dump, collection by collection (spec 32 D.9). */
export class Report {
  readonly #collections = new Map<string, { taken: number; left: Map<string, number> }>();
  readonly #notes = new Map<string, number>();

  taken(collection: string, count = 1): void {
    this.#of(collection).taken += count;
  }

  /** A document that was not taken over, and why. */
  left(collection: string, reason: string): void {
    const { left } = this.#of(collection);
    left.set(reason, (left.get(reason) ?? 0) + 1);
  }

  /** Something that was changed on the way. */
  note(what: string): void {
    this.#notes.set(what, (this.#notes.get(what) ?? 0) + 1);
  }

  /** One line for each collection, and one for each kind of change. */
  lines(): string[] {
    const collections = [...this.#collections].map(([name, { taken, left }]) => {
      const reasons = [...left].map(([reason, count]) => `${count} ${reason}`);
      return `${name}: ${taken} taken over${reasons.length > 0 ? `; left: ${reasons.join(', ')}` : ''}`;
    });
    return [...collections, ...[...this.#notes].map(([what, count]) => `changed: ${count} ${what}`)];
  }

  #of(collection: string) {
    const known = this.#collections.get(collection);
    if (known) return known;
    const made = { taken: 0, left: new Map<string, number>() };
    this.#collections.set(collection, made);
    return made;
  }
}
