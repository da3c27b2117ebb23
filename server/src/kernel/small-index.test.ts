import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SmallIndex } from './small-index.ts';

test('it answers as a map does, few things or many', () => {
  const act = fc.tuple(fc.constantFrom('set', 'set', 'set', 'delete', 'get', 'clear'), fc.nat(60));
  fc.assert(
    fc.property(fc.array(act, { maxLength: 300, size: 'max' }), (acts) => {
      const [small, map] = [
        new SmallIndex<{ id: string; at: number }>(),
        new Map<string, { id: string; at: number }>(),
      ];
      for (const [at, [what, number]] of acts.entries()) {
        const id = `s${number}`;
        if (what === 'set') {
          const thing = { id, at };
          small.set(thing);
          map.set(id, thing);
        } else if (what === 'delete') {
          small.delete(id);
          map.delete(id);
        } else if (what === 'clear' && number === 0) {
          small.clear();
          map.clear();
        }
        expect([small.get(id), small.has(id), small.size]).toEqual([map.get(id), map.has(id), map.size]);
      }
      expect([...small]).toEqual([...map.values()]);
    }),
  );
});

test.each([10, 100])('of %d things all are seen, although each goes when it is seen', (count) => {
  const small = new SmallIndex<{ id: string }>();
  for (let number = 0; number < count; number += 1) small.set({ id: `s${number}` });
  const seen: string[] = [];
  for (const { id } of small) {
    seen.push(id);
    small.delete(id);
  }
  expect([seen.length, small.size]).toEqual([count, 0]);
});
