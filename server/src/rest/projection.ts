import type { Config } from '../config/config.ts';
import { fail } from '../kernel/errors.ts';
import { parseObject } from './list-params.ts';

/** A parsed `fields` parameter. */
export interface Projection {
  mode: 'include' | 'exclude';
  /** Split at the dots. */
  paths: readonly (readonly string[])[];
  /** `_id` is sent unless it is switched off, also when other members are chosen. */
  withId: boolean;
}

type Document = Record<string, unknown>;

/** Never selectable on list and info endpoints (spec 00 §11.3). */
export const ALWAYS_EXCLUDED: readonly string[] = ['joinCode', 'members', 'importIds', 'e2e'];

const MAX_LENGTH = 5000;
const MAX_FIELDS = 100;

/**
 * The `fields` parameter, or undefined when it is absent or the server does not honour it (spec 00 §11.3). `excluded` are
 * top-level members that may not be chosen. Throws `error-invalid-fields`.
 */
export function parseFields(
  config: Pick<Config, 'allowUnsafeQueryAndFields'>,
  raw: string | undefined,
  excluded: readonly string[] = ALWAYS_EXCLUDED,
): Projection | undefined {
  if (!config.allowUnsafeQueryAndFields || raw === undefined || raw === '') return undefined;
  const parsed = raw.length <= MAX_LENGTH ? parseObject(raw) : undefined;
  const entries = Object.entries(parsed ?? {});
  if (!parsed || entries.length > MAX_FIELDS || entries.some(([, value]) => value !== 0 && value !== 1)) {
    fail('error-invalid-fields', `Invalid fields parameter provided: "${raw}"`, {
      helperMethod: 'parseJsonQuery',
    });
  }
  const others = entries.filter(([path]) => path !== '_id');
  const mode =
    others.some(([, value]) => value === 1) || (others.length === 0 && parsed._id === 1)
      ? 'include'
      : 'exclude';
  const paths = others
    .filter(
      ([path, value]) =>
        value === (mode === 'include' ? 1 : 0) && !excluded.includes(path.split('.')[0] ?? ''),
    )
    .map(([path]) => path.split('.'));
  return { mode, paths, withId: parsed._id !== 0 };
}

/** A copy of `document` with the chosen members only; the document itself when there is no projection. */
export function applyFields<T extends object>(document: T, projection: Projection | undefined): Partial<T> {
  if (!projection) return document;
  const { mode, paths, withId } = projection;
  const source = document as Document;
  const result = mode === 'include' ? pick(source, paths) : omit(source, paths);
  if (withId && Object.hasOwn(source, '_id')) result._id = source._id;
  else delete result._id;
  return result as Partial<T>;
}

function pick(source: Document, paths: readonly (readonly string[])[]): Document {
  const result: Document = {};
  for (const [name, rest] of byFirst(paths)) {
    if (!Object.hasOwn(source, name)) continue;
    const value = source[name];
    if (rest.length === 0) result[name] = value;
    else if (Array.isArray(value)) result[name] = value.filter(isDocument).map((item) => pick(item, rest));
    else if (isDocument(value)) result[name] = pick(value, rest);
  }
  return result;
}

function omit(source: Document, paths: readonly (readonly string[])[]): Document {
  const result: Document = { ...source };
  for (const [name, rest] of byFirst(paths)) {
    if (!Object.hasOwn(source, name)) continue;
    const value = source[name];
    if (rest.length === 0) delete result[name];
    else if (Array.isArray(value))
      result[name] = value.map((item) => (isDocument(item) ? omit(item, rest) : item));
    else if (isDocument(value)) result[name] = omit(value, rest);
  }
  return result;
}

/** First segment -> what follows it; an empty list where the whole member is meant. */
function byFirst(paths: readonly (readonly string[])[]): Map<string, (readonly string[])[]> {
  const groups = new Map<string, (readonly string[])[]>();
  const whole = new Set<string>();
  for (const [name = '', ...rest] of paths) {
    if (rest.length === 0) whole.add(name);
    groups.set(name, whole.has(name) ? [] : [...(groups.get(name) ?? []), rest]);
  }
  return groups;
}

function isDocument(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
