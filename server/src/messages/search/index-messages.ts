import { setImmediate as turn } from 'node:timers/promises';
import type { Context } from '../../context.ts';
import { INDEX_BATCH, indexNext } from './message-words.store.ts';

/**
 * Brings the messages into the index that were stored before there was one, or whose turn was missed. Searches find them without it
 * too, only slower.
 */
export async function indexMessages(ctx: Context, isStopped: () => boolean = () => false): Promise<void> {
  const limit = 4 * INDEX_BATCH;
  for (let taken = limit; taken === limit && !isStopped(); ) {
    taken = await ctx.write((tx) => indexNext(tx, limit));
    await turn();
  }
}
