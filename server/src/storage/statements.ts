import type { CompiledQuery } from 'kysely';

/** What both databases need to know of a compiled query before they run it. */

/** True when the query changes nothing. Raw SQL counts as a read only when it begins like one. */
export function isRead({ query, sql }: CompiledQuery): boolean {
  if (query.kind === 'SelectQueryNode') return true;
  return query.kind === 'RawNode' && /^\s*(select|values|explain|pragma)\b/i.test(sql);
}

export function refuseWrite(compiled: CompiledQuery): void {
  if (!isRead(compiled)) throw new Error('`db` is for reads only; write in a transaction (ctx.write)');
}

/** The only types that may be bound. */
export type BoundValue = null | number | bigint | string | Uint8Array;

/**
 * The drivers disagree on what else they take (a boolean is 1 for one and an error for another, NaN becomes NULL, an object
 * is read as named parameters): so it is refused here, by name.
 */
export function bindable(parameters: readonly unknown[]): BoundValue[] {
  for (const value of parameters) {
    if (value === null || typeof value === 'string' || typeof value === 'bigint') continue;
    if (typeof value === 'number') {
      if (Number.isFinite(value)) continue;
      throw new TypeError(`cannot store the number ${value}`);
    }
    if (value instanceof Uint8Array) continue;
    const kind = value instanceof Date ? 'Date (store its milliseconds)' : typeof value;
    throw new TypeError(
      `cannot bind a value of type ${kind === 'boolean' ? 'boolean (store 0 or 1)' : kind}`,
    );
  }
  return parameters as BoundValue[];
}
