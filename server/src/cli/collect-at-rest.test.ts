import { expect, test } from 'vitest';
import { CollectAtRest } from './collect-at-rest.ts';

const MIB = 1024 * 1024;

/** A heap of which a collection leaves `live`. */
function heapOf({ live, garbage, busy = 0 }: { live: number; garbage: number; busy?: number }) {
  const heap = { live, garbage, young: 0, load: busy, collecting: 0, collections: 0 };
  let collected = 0;
  const collector = new CollectAtRest({
    busy() {
      const sum = heap.load + collected;
      collected = 0;
      return sum;
    },
    bytes: () => heap.live + heap.garbage + heap.young,
    young: () => heap.young,
    collect() {
      heap.garbage = 0;
      collected = heap.collecting;
      heap.collections++;
    },
  });
  return { heap, collector };
}

test('what starting left is collected at the first rest, and then nothing until memory has grown', () => {
  const { heap, collector } = heapOf({ live: 20 * MIB, garbage: 5 * MIB });
  for (let check = 0; check < 3; check++) collector.check();
  expect(heap.collections).toBe(1);
  heap.garbage = 3 * MIB;
  collector.check();
  expect(heap.collections).toBe(1);
  heap.garbage = 6 * MIB;
  collector.check();
  collector.check();
  expect(heap).toMatchObject({ collections: 2, garbage: 0 });
});

test('a burst is over before what it left is collected', () => {
  const { heap, collector } = heapOf({ live: 20 * MIB, garbage: 20 * MIB, busy: 0.5 });
  collector.check();
  expect(heap.collections).toBe(0);
  heap.load = 0.01;
  collector.check();
  expect(heap.collections).toBe(1);
});

test('a large heap, which would stop the server for long, is left to the engine', () => {
  const { heap, collector } = heapOf({ live: 120 * MIB, garbage: 20 * MIB });
  collector.check();
  expect(heap.collections).toBe(0);
});

test('a collection that came too soon to give back the space for new objects is repeated, twice at most', () => {
  const { heap, collector } = heapOf({ live: 20 * MIB, garbage: 5 * MIB });
  heap.young = 32 * MIB;
  for (const collections of [1, 2, 3, 3, 3]) {
    collector.check();
    expect(heap.collections).toBe(collections);
  }
  heap.garbage = 5 * MIB;
  heap.young = MIB;
  heap.live = 60 * MIB;
  collector.check();
  collector.check();
  expect(heap.collections).toBe(4);
});

test('it is repeated no more once the space is small', () => {
  const { heap, collector } = heapOf({ live: 20 * MIB, garbage: 5 * MIB });
  heap.young = 32 * MIB;
  collector.check();
  heap.young = MIB;
  for (let check = 0; check < 3; check++) collector.check();
  expect(heap.collections).toBe(2);
});

test('a burst between two of them has its own repetitions', () => {
  const { heap, collector } = heapOf({ live: 20 * MIB, garbage: 5 * MIB });
  heap.young = 16 * MIB;
  collector.check();
  heap.young = 32 * MIB;
  heap.garbage = 20 * MIB;
  for (const collections of [2, 3, 4, 4]) {
    collector.check();
    expect(heap.collections).toBe(collections);
  }
});

test('the time that a collection takes does not count as work', () => {
  const { heap, collector } = heapOf({ live: 20 * MIB, garbage: 5 * MIB });
  heap.young = 32 * MIB;
  heap.collecting = 0.2;
  collector.check();
  collector.check();
  expect(heap.collections).toBe(2);
});
