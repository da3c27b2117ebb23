import { setImmediate as turn } from 'node:timers/promises';
import type { Context } from '../../context.ts';
import { INDEX_BATCH, indexNext } from './message-words.store.ts';

/**
 * Brings the messages into the index that were stored before there was one, or whose turn was missed. Searches find them without it
 * too, only slower.
 */
export async function indexMessages(ctx: Context, isStopped: () => boolean = () => false): Promise<void> {
  for (let taken = INDEX_BATCH; taken === INDEX_BATCH && !isStopped(); ) {
    taken = await ctx.write((tx) => indexNext(tx, INDEX_BATCH));
    await turn();
  }
}
