import { fail } from '../kernel/errors.ts';

/**
 * Reading the positional parameters of a method. A missing trailing parameter arrives as `null` (spec 40 §2.3), so
 * `null` always means "not given". A wrong type is `400 Match failed`.
 */

/** Throws the documented error of a failed argument check. */
export function matchFailed(): never {
  fail(400, 'Match failed');
}

const given = (value: unknown): boolean => value !== undefined && value !== null;

export function textParam(value: unknown): string {
  return typeof value === 'string' ? value : matchFailed();
}

export function optionalText(value: unknown): string | undefined {
  return given(value) ? textParam(value) : undefined;
}

export function optionalNumber(value: unknown): number | undefined {
  if (!given(value)) return undefined;
  return typeof value === 'number' && Number.isFinite(value) ? value : matchFailed();
}

export function optionalBoolean(value: unknown): boolean | undefined {
  if (!given(value)) return undefined;
  return typeof value === 'boolean' ? value : matchFailed();
}

/** A time in ms, from a `Date` or, leniently, an ISO text (spec 40 §2.7). */
export function optionalTime(value: unknown): number | undefined {
  if (!given(value)) return undefined;
  if (!(value instanceof Date) && typeof value !== 'string') matchFailed();
  const time = new Date(value).getTime();
  return Number.isNaN(time) ? matchFailed() : time;
}

export function objectParam(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) matchFailed();
  return value as Record<string, unknown>;
}

export function optionalObject(value: unknown): Record<string, unknown> | undefined {
  return given(value) ? objectParam(value) : undefined;
}

export function textListParam(value: unknown): string[] {
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) matchFailed();
  return value;
}
