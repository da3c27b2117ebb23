import { expect, test } from 'vitest';
import { storageInMemory } from '../../storage/testing/temporary.ts';
import { INDEX_BATCH, indexedUpTo, indexWhenDue } from './message-words.store.ts';

const message = (seq: number) => ({
  ...{ seq, id: `m${seq}`, rid: 'r', ts: seq, uid: 'u', t: null, tmid: null, tshow: 0, pinned: 0, hidden: 0 },
  ...{ tcount: null, tlm: null, updated_at: seq, doc: JSON.stringify({ _id: `m${seq}`, msg: `word${seq}` }) },
});

/** Stores messages one by one; returns up to where the index reached, whenever it grew. */
async function growth(numbers: readonly number[]): Promise<number[]> {
  const storage = await storageInMemory();
  return storage.transaction(async (tx) => {
    const reached = [0];
    for (const seq of numbers) {
      await tx.insertInto('messages').values(message(seq)).execute();
      await indexWhenDue(tx, seq);
      const upTo = await indexedUpTo(tx);
      if (upTo !== reached.at(-1)) reached.push(upTo);
    }
    return reached.slice(1);
  });
}

const numbers = Array.from({ length: 3 * INDEX_BATCH }, (_, index) => index + 1);

test('messages are taken up with every multiple of the batch', async () => {
  expect(await growth(numbers)).toEqual([INDEX_BATCH, 2 * INDEX_BATCH, 3 * INDEX_BATCH]);
});

test('soon after a multiple that was left out', async () => {
  const left = numbers.filter((seq) => seq % INDEX_BATCH !== 0);
  const [first, second, ...more] = await growth(left);
  expect(first).toBeLessThan(INDEX_BATCH * 1.125);
  expect(second).toBeLessThan(INDEX_BATCH * 2.125);
  expect(more).toEqual([]);
});
