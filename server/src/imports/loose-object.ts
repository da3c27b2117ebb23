/** Reads JSON that others wrote: what has another type than it should have counts as absent. */
export class LooseObject {
  readonly #members: Readonly<Record<string, unknown>>;

  constructor(value: unknown) {
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    this.#members = isObject ? (value as Record<string, unknown>) : {};
  }

  #member(name: string): unknown {
    return Object.hasOwn(this.#members, name) ? this.#members[name] : undefined;
  }

  has(name: string): boolean {
    const value = this.#member(name);
    return value !== undefined && value !== null;
  }

  /** Undefined for an empty one, too. */
  text(name: string): string | undefined {
    const value = this.#member(name);
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  flag(name: string): boolean {
    return this.#member(name) === true;
  }

  number(name: string): number | undefined {
    const value = this.#member(name);
    return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
  }

  object(name: string): LooseObject {
    return new LooseObject(this.#member(name));
  }

  objects(name: string): LooseObject[] {
    const value = this.#member(name);
    return Array.isArray(value) ? value.map((item) => new LooseObject(item)) : [];
  }

  texts(name: string): string[] {
    const value = this.#member(name);
    return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
  }
}
