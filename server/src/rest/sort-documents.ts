import type { SortEntry } from './list-params.ts';

type Document = Readonly<Record<string, unknown>>;

/** How documents that are in memory come in the order of a `sort` parameter (spec 00 §11.2); what lacks a member comes first. */
export function inOrder(entries: readonly SortEntry[]): (a: Document, b: Document) => number {
  const keys = entries.map(([path, direction]) => ({ path: path.split('.'), direction }));
  return (a, b) => {
    for (const { path, direction } of keys) {
      const difference = compare(member(a, path), member(b, path));
      if (difference !== 0) return difference * direction;
    }
    return 0;
  };
}

function member(document: Document, path: readonly string[]): unknown {
  let value: unknown = document;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Document)[name];
  }
  return value;
}

const KINDS = ['undefined', 'number', 'string', 'object', 'boolean', 'date'];

function compare(a: unknown, b: unknown): number {
  const [left, right] = [comparable(a), comparable(b)];
  if (left.kind !== right.kind) return left.kind - right.kind;
  if (left.value === right.value) return 0;
  return left.value < right.value ? -1 : 1;
}

function comparable(value: unknown): { kind: number; value: number | string } {
  if (value instanceof Date) return { kind: KINDS.indexOf('date'), value: value.getTime() };
  const kind = KINDS.indexOf(value === null ? 'undefined' : typeof value);
  if (typeof value === 'number' || typeof value === 'string') return { kind, value };
  if (typeof value === 'boolean') return { kind, value: Number(value) };
  return { kind, value: JSON.stringify(value) ?? '' };
}
