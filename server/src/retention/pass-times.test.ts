import { expect, test, vi } from 'vitest';
import type { Context } from '../context.ts';
import { settingsOver } from '../kernel/settings.ts';
import { nextPassAt } from './pass-times.ts';

const LAST = new Date(2026, 0, 5, 10, 40);
const at = (day: number, hour: number, minute = 0) => new Date(2026, 0, day, hour, minute).getTime();
const next = (settings: Record<string, unknown>, warn = vi.fn()) => {
  const known = settingsOver((id) => settings[id]);
  return nextPassAt({ settings: known, log: { warn } } as unknown as Context, LAST.getTime());
};

test.each([
  ['0', at(5, 11)],
  ['1', at(5, 11)],
  ['2', at(5, 12)],
  ['3', at(6, 0)],
])('precision %s', async (precision, expected) => {
  expect(await next({ RetentionPolicy_Precision: precision })).toBe(expected);
});

test('an own cron pattern, and the precision where that is none', async () => {
  const cron = (pattern: string) => ({
    RetentionPolicy_Precision: '3',
    RetentionPolicy_Advanced_Precision: true,
    RetentionPolicy_Advanced_Precision_Cron: pattern,
  });
  expect(await next(cron('15 4 * * *'))).toBe(at(6, 4, 15));
  expect(await next(cron('0 0 30 2 *'))).toBe(Number.POSITIVE_INFINITY);
  const warn = vi.fn();
  expect(await next(cron('every now and then'), warn)).toBe(at(6, 0));
  expect(warn).toHaveBeenCalledOnce();
});
