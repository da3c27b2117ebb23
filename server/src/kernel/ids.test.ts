import { expect, test } from 'vitest';
import { newIdAt } from './ids.ts';

test('ids of messages have the documented form and are in the order of their time', () => {
  const times = [0, 1, 54, 55, 1_764_188_400_000, 1_764_188_400_001, 4_000_000_000_000];
  const ids = times.map(newIdAt);
  for (const id of ids) expect(id).toMatch(/^[2-9A-HJ-NP-TW-Za-km-z]{17}$/);
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(Array.from({ length: 1000 }, () => newIdAt(5))).size).toBe(1000);
  // Times before 1970 come with messages of other systems.
  expect(newIdAt(-5)).toHaveLength(17);
});
