import type { Filter, Scalar } from '../kernel/filter.ts';

/** How much of a text a regular expression is tried on: the price of a match grows with its square. */
const MAX_MATCHED_LENGTH = 1000;

/**
 * Whether a wire document fits a filter, by MongoDB's rules: a path leads through arrays, a member that is an array fits
 * when one of its items does, and a missing member equals null.
 */
export function matches(document: object, filter: Filter): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.parts.every((part) => matches(document, part));
    case 'or':
      return filter.parts.some((part) => matches(document, part));
    case 'exists':
      return valuesAt(document, filter.path).length > 0 === filter.exists;
    case 'in':
      return filter.values.some((value) => equalsAt(document, filter.path, value));
    case 'nin':
      return !filter.values.some((value) => equalsAt(document, filter.path, value));
    case 'regex': {
      const regex = new RegExp(filter.source, filter.flags);
      return valuesAt(document, filter.path).some(
        (value) => typeof value === 'string' && regex.test(value.slice(0, MAX_MATCHED_LENGTH)),
      );
    }
    case 'compare':
      return compares(document, filter.path, filter.op, filter.value);
  }
}

type Comparison = Extract<Filter, { kind: 'compare' }>['op'];

function compares(document: object, path: string, op: Comparison, value: Scalar): boolean {
  if (op === 'eq') return equalsAt(document, path, value);
  if (op === 'ne') return !equalsAt(document, path, value);
  const right = orderable(value);
  return valuesAt(document, path).some((member) => {
    const left = orderable(member);
    // Values of different types are never in an order.
    if (left === undefined || right === undefined || typeof left !== typeof right) return false;
    if (op === 'gt') return left > right;
    if (op === 'gte') return left >= right;
    return op === 'lt' ? left < right : left <= right;
  });
}

function orderable(value: unknown): number | string | undefined {
  if (value instanceof Date) return value.getTime();
  return typeof value === 'number' || typeof value === 'string' ? value : undefined;
}

function equalsAt(document: object, path: string, value: Scalar): boolean {
  const found = valuesAt(document, path);
  if (value === null) return found.length === 0 || found.includes(null);
  return found.some((member) =>
    value instanceof Date ? member instanceof Date && member.getTime() === value.getTime() : member === value,
  );
}

/** What is found at a dotted path; items of arrays count beside the array itself. */
function valuesAt(document: object, path: string): unknown[] {
  let level: unknown[] = [document];
  for (const name of path.split('.')) {
    const next: unknown[] = [];
    for (const value of level) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) continue;
      const member = (value as Record<string, unknown>)[name];
      if (member === undefined) continue;
      next.push(member);
      if (Array.isArray(member)) next.push(...(member as unknown[]));
    }
    level = next;
  }
  return level;
}
