import type { Context, WriteScope } from '../context.ts';
import { setThreadReads } from './read-receipts.store.ts';

/** How many threads are noted at once. */
const BATCH = 200;

/**
 * Somebody has read threads up to a moment (ms, otherwise now): kept where the workspace wants read receipts (spec 30 §5
 * `readThread`), which `ReadReceipts` then works out.
 */
export async function noteThreadsRead(
  ctx: Context,
  { tx, emit }: WriteScope,
  {
    rid,
    uid,
    tmids,
    seen = ctx.clock.stamp(rid),
  }: { rid: string; uid: string; tmids: readonly string[]; seen?: number },
): Promise<void> {
  if (!ctx.settings.bool('Message_Read_Receipt_Enabled')) return;
  for (let start = 0; start < tmids.length; start += BATCH)
    await setThreadReads(tx, { rid, uid, tmids: tmids.slice(start, start + BATCH), seen });
  for (const tmid of tmids) emit('thread.read', { rid, tmid });
}
