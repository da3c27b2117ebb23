import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SmallSet } from './small-set.ts';

test('it answers as a set does, few members or many', () => {
  const act = fc.tuple(fc.constantFrom('add', 'add', 'add', 'delete', 'has', 'clear'), fc.nat(60));
  fc.assert(
    fc.property(fc.array(act, { maxLength: 300, size: 'max' }), (acts) => {
      const [small, set] = [new SmallSet<number>(), new Set<number>()];
      for (const [what, member] of acts) {
        if (what === 'add') {
          small.add(member);
          set.add(member);
        } else if (what === 'delete') expect(small.delete(member)).toBe(set.delete(member));
        else if (what === 'has') expect(small.has(member)).toBe(set.has(member));
        else if (member === 0) {
          small.clear();
          set.clear();
        }
        expect(small.size).toBe(set.size);
      }
      expect([...small]).toEqual([...set]);
    }),
  );
});

test.each([10, 100])('of %d members all are seen, although each goes when it is seen', (count) => {
  const small = new SmallSet<number>();
  for (let member = 0; member < count; member += 1) small.add(member);
  const seen: number[] = [];
  for (const member of small) {
    seen.push(member);
    small.delete(member);
  }
  expect([seen.length, small.size]).toEqual([count, 0]);
});
