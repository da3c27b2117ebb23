import type { Doc } from './bson-documents.ts';

/** What is read from documents that anybody may have written, over ten years: every member may be missing or of another type. */

export function textOf(doc: Doc, name: string): string | undefined {
  const value = doc[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export const flagOf = (doc: Doc, name: string): boolean => doc[name] === true;

/** A number of things. */
export function countOf(doc: Doc, name: string): number {
  const value = doc[name];
  return typeof value === 'number' && value > 0 && Number.isSafeInteger(Math.trunc(value))
    ? Math.trunc(value)
    : 0;
}

/** Dates, and numbers and texts that mean one, in ms. */
export function timeOf(doc: Doc, name: string): number | undefined {
  return time(doc[name]);
}

export function time(value: unknown): number | undefined {
  if (!(value instanceof Date) && typeof value !== 'string' && typeof value !== 'number') return undefined;
  const ms = new Date(value).getTime();
  return Number.isNaN(ms) ? undefined : ms;
}

/** Texts of a list; a single text counts as a list of one. */
export function textsOf(doc: Doc, name: string): string[] {
  const value = doc[name];
  const list = Array.isArray(value) ? value : [value];
  return list.filter((one): one is string => typeof one === 'string' && one !== '');
}

export function partOf(doc: Doc, name: string): Doc | undefined {
  const value = doc[name];
  return isDoc(value) ? value : undefined;
}

export function partsOf(doc: Doc, name: string): Doc[] {
  const value = doc[name];
  return Array.isArray(value) ? value.filter(isDoc) : [];
}

export const isDoc = (value: unknown): value is Doc =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** The members that are there and that the type knows, as they are. */
export function members(doc: Doc, rules: Readonly<Record<string, (value: unknown) => boolean>>): Doc {
  const found = Object.entries(rules).filter(([name, suits]) => suits(doc[name]));
  return Object.fromEntries(found.map(([name]) => [name, doc[name]]));
}

export const isText = (value: unknown): boolean => typeof value === 'string';
export const isFlag = (value: unknown): boolean => typeof value === 'boolean';
export const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
export const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
export const isParts = (value: unknown): boolean => Array.isArray(value) && value.every(isDoc);
