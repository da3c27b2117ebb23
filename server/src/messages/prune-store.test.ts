import { expect, test } from 'vitest';
import { storageInMemory } from '../storage/testing/temporary.ts';
import { nextToPrune, type PrunePosition, type PruneSelection } from './prune.store.ts';

const NOT_PINNED: PruneSelection = {
  ...{ rid: 'r', oldest: 0, latest: 10_000, inclusive: true, uids: undefined },
  ...{ excludePinned: true, filesOnly: false, ignoreThreads: false, ignoreDiscussion: false },
};

/** One of a hundred is not pinned; five are sent at a time. */
const ROWS = Array.from({ length: 5000 }, (_, index) => {
  const [id, ts] = [`m${String(index).padStart(5, '0')}`, Math.floor(index / 5)];
  return {
    ...{ id, rid: 'r', ts, uid: 'u', t: null, tmid: null, tshow: 0, pinned: index % 100 === 99 ? 0 : 1 },
    ...{
      hidden: 0,
      tcount: null,
      tlm: null,
      updated_at: 0,
      doc: JSON.stringify({ _id: id, ts: new Date(ts) }),
    },
  };
});

test.each([
  ['full', 15, [15, 15, 15, 5]],
  // Of 2,000 messages, and those of the same moment as the last of them.
  ['what a bounded number of messages has', 200, [20, 20, 10]],
])('batches are %s, and leave none out', async (_what, limit, sizes) => {
  const storage = await storageInMemory();
  await storage.transaction(async (tx) => {
    for (let start = 0; start < ROWS.length; start += 500)
      await tx
        .insertInto('messages')
        .values(ROWS.slice(start, start + 500))
        .execute();
  });
  const batches: string[][] = [];
  let position: PrunePosition | undefined;
  do {
    const { messages, next } = await nextToPrune(storage.db, NOT_PINNED, position, limit);
    batches.push(messages.map(({ _id }) => _id));
    position = next;
  } while (position);
  expect(batches.flat()).toEqual(ROWS.filter(({ pinned }) => pinned === 0).map(({ id }) => id));
  expect(batches.map(({ length }) => length)).toEqual(sizes);
});
