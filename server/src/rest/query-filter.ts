import type { Config } from '../config/config.ts';
import { fail } from '../kernel/errors.ts';
import { type Filter, type Scalar, textPattern } from '../kernel/filter.ts';
import { parseObject } from './list-params.ts';

/**
 * The `query` parameter of list endpoints (spec 00 §11.3): a filter in MongoDB's notation, sent by old clients and bots.
 * It never reaches the database as it is.
 */

const MAX_LENGTH = 5000;
const MAX_NODES = 50;
const MAX_DEPTH = 5;
const MAX_REGEX_LENGTH = 100;
const FORBIDDEN_KEYS = new Set(['__proto__', 'constructor', 'prototype']);
const COMPARISONS = { $eq: 'eq', $ne: 'ne', $gt: 'gt', $gte: 'gte', $lt: 'lt', $lte: 'lte' } as const;

interface Parsing {
  raw: string;
  nodes: number;
  /** Refuses what is not understood instead of dropping it. */
  strict: boolean;
}

/**
 * The filter of a `query` parameter, or undefined when it is absent or the server does not honour it. Unknown operators
 * are dropped, as documented. Throws `error-invalid-query`.
 */
export function parseFilter(
  config: Pick<Config, 'allowUnsafeQueryAndFields'>,
  raw: string | undefined,
): Filter | undefined {
  if (!config.allowUnsafeQueryAndFields || raw === undefined || raw === '') return undefined;
  const parsed = raw.length <= MAX_LENGTH ? parseObject(raw) : undefined;
  return parsed ? filterOf(parsed, raw) : invalid(raw);
}

/** The same of what is parsed already; `raw` is for the refusal. Throws `error-invalid-query`. */
export const filterOf = (source: Record<string, unknown>, raw: string): Filter =>
  conjunction(source, { raw, nodes: 0, strict: false }, 0);

/**
 * The filter of a text where dropping a condition would do harm, since more would be found than was meant: everything in it
 * has to be understood, and has to ask its member for what the member can be. `members` tells which there are. Throws
 * `error-invalid-query`.
 */
export function strictFilter(raw: string, memberKind: (path: string) => 'text' | 'flag' | undefined): Filter {
  const source = raw.length <= MAX_LENGTH ? parseObject(raw) : undefined;
  if (!source) return invalid(raw);
  const filter = conjunction(source, { raw, nodes: 0, strict: true }, 0);
  for (const condition of conditionsIn(filter))
    if (!suits(condition, memberKind(condition.path))) invalid(raw);
  return filter;
}

function suits(condition: Condition, kind: 'text' | 'flag' | undefined): boolean {
  if (kind === undefined) return false;
  const fits = (value: Scalar) => value === null || typeof value === (kind === 'text' ? 'string' : 'boolean');
  switch (condition.kind) {
    case 'exists':
      return true;
    case 'regex':
      return kind === 'text' && textPattern(condition.source) !== undefined;
    case 'in':
    case 'nin':
      return condition.values.every(fits);
    case 'compare':
      if (condition.op === 'eq' || condition.op === 'ne') return fits(condition.value);
      return kind === 'text' && typeof condition.value === 'string';
  }
}

function invalid(raw: string): never {
  fail('error-invalid-query', `Invalid query parameter provided: "${raw}"`, {
    helperMethod: 'parseJsonQuery',
  });
}

function conjunction(source: Record<string, unknown>, parsing: Parsing, depth: number): Filter {
  if (depth > MAX_DEPTH) return invalid(parsing.raw);
  const parts: Filter[] = [];
  for (const [key, value] of Object.entries(source)) {
    if (++parsing.nodes > MAX_NODES) return invalid(parsing.raw);
    if (key === '$and' || key === '$or') parts.push(junction(key, value, parsing, depth));
    else if (!key.startsWith('$') && !hasForbiddenKey(key)) parts.push(...conditions(key, value, parsing));
    else if (parsing.strict) return invalid(parsing.raw);
  }
  return { kind: 'and', parts };
}

function junction(key: '$and' | '$or', value: unknown, parsing: Parsing, depth: number): Filter {
  if (!Array.isArray(value) || value.length === 0) return invalid(parsing.raw);
  const parts = value.map((part) =>
    isPlainObject(part) ? conjunction(part, parsing, depth + 1) : invalid(parsing.raw),
  );
  return { kind: key === '$and' ? 'and' : 'or', parts };
}

/** What one member of a filter asks of its path: a value, or an object of operators. */
function conditions(path: string, value: unknown, parsing: Parsing): Filter[] {
  const scalar = scalarOf(value);
  if (scalar !== undefined) return [{ kind: 'compare', path, op: 'eq', value: scalar }];
  if (!isPlainObject(value)) return invalid(parsing.raw);
  const result: Filter[] = [];
  // In MongoDB's notation this asks for an empty object.
  if (parsing.strict && Object.keys(value).length === 0) return invalid(parsing.raw);
  for (const [operator, operand] of Object.entries(value)) {
    if (++parsing.nodes > MAX_NODES) return invalid(parsing.raw);
    if (parsing.strict && operator === '$options' && (operand !== 'i' || !Object.hasOwn(value, '$regex')))
      return invalid(parsing.raw);
    const filter = condition(path, operator, operand, value.$options, parsing);
    if (filter) result.push(filter);
  }
  return result;
}

function condition(
  path: string,
  operator: string,
  operand: unknown,
  options: unknown,
  parsing: Parsing,
): Filter | undefined {
  if (Object.hasOwn(COMPARISONS, operator)) {
    const value = scalarOf(operand);
    if (value === undefined) return invalid(parsing.raw);
    return { kind: 'compare', path, op: COMPARISONS[operator as keyof typeof COMPARISONS], value };
  }
  switch (operator) {
    case '$in':
    case '$nin': {
      const values = Array.isArray(operand) ? operand.map(scalarOf) : [undefined];
      if (values.length > 1000 || values.includes(undefined)) return invalid(parsing.raw);
      return { kind: operator === '$in' ? 'in' : 'nin', path, values: values as Scalar[] };
    }
    case '$exists':
      if (parsing.strict && typeof operand !== 'boolean') return invalid(parsing.raw);
      return { kind: 'exists', path, exists: operand === true || operand === 1 };
    case '$regex':
      return regexCondition(path, operand, options, parsing);
    case '$options':
      return undefined;
    default:
      return parsing.strict ? invalid(parsing.raw) : undefined;
  }
}

function regexCondition(path: string, pattern: unknown, options: unknown, { raw }: Parsing): Filter {
  if (typeof pattern !== 'string' || pattern.length > MAX_REGEX_LENGTH) return invalid(raw);
  const flags = typeof options === 'string' && options.includes('i') ? 'i' : '';
  // A search is not anchored: `.*x.*` asks for the same as `x`, at a much lower price.
  const source = pattern.replace(/^(\.\*\??)+/, '').replace(/(?<!\\)(\.\*\??)+$/, '');
  if (!isCheapRegex(source)) return invalid(raw);
  try {
    new RegExp(source, flags);
  } catch {
    return invalid(raw);
  }
  return { kind: 'regex', path, source, flags };
}

/**
 * JavaScript's matcher backtracks, so only patterns with a bounded price are taken: no repeated group, no back reference
 * or look-around, and at most two variable repetitions, the free start of a pattern counting as one.
 */
function isCheapRegex(source: string): boolean {
  const plain = source.replace(/\\[^1-9k]/g, 'x').replace(/\[[^\]]*\]/g, 'x');
  if (/\\|\(\?|\)[*+?{]/.test(plain)) return false;
  const openEnded = plain.match(/[*+?]|\{\d*,\d*\}/g)?.length ?? 0;
  const isAnchored = plain.startsWith('^') && !plain.includes('|');
  return openEnded + (isAnchored ? 0 : 1) <= 2;
}

/** A value that documents can be compared with; `{"$date": ...}` is a date. Undefined for anything else. */
function scalarOf(value: unknown): Scalar | undefined {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  if (!isPlainObject(value) || Object.keys(value).length !== 1) return undefined;
  const date = value.$date;
  if (typeof date !== 'number' && typeof date !== 'string') return undefined;
  const parsed = new Date(date);
  return Number.isNaN(parsed.getTime()) ? undefined : parsed;
}

function hasForbiddenKey(path: string): boolean {
  return path.split('.').some((segment) => FORBIDDEN_KEYS.has(segment));
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

type Condition = Exclude<Filter, { parts: unknown }>;

/** The filter without its `and` and `or`. */
function conditionsIn(filter: Filter): Condition[] {
  return 'parts' in filter ? filter.parts.flatMap(conditionsIn) : [filter];
}

/**
 * Refuses what an endpoint's store cannot find: members outside its list (`u` also allows `u.username`), and regular
 * expressions that no LIKE can stand for. `error-invalid-query` with a line for each (spec 00 §11.3).
 */
export function requireQueryable(filter: Filter, allowed: readonly string[]): void {
  const conditions = conditionsIn(filter);
  const paths = [...new Set(conditions.map(({ path }) => path))].filter(
    (path) => !allowed.some((name) => path === name || path.startsWith(`${name}.`)),
  );
  const isTooMuch = conditions.some((one) => one.kind === 'regex' && !textPattern(one.source));
  const lines = [
    ...paths.map((path) => `Invalid attribute: ${path}`),
    ...(isTooMuch ? ['Invalid operation: $regex'] : []),
  ];
  if (lines.length > 0) fail('error-invalid-query', lines.join('\n'));
}

/** The filter of a `query` parameter over members that a store can find; undefined as with `parseFilter`. */
export function parseListFilter(
  config: Pick<Config, 'allowUnsafeQueryAndFields'>,
  raw: string | undefined,
  allowed: readonly string[],
): Filter | undefined {
  const filter = parseFilter(config, raw);
  if (filter) requireQueryable(filter, allowed);
  return filter;
}
