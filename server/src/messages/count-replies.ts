import type { Tx } from '../storage/database.ts';
import type { WireMessage } from './message.ts';
import { indexFollowers, lockMessage, replaceMessage } from './messages.store.ts';
import { threadFacts } from './thread-facts.store.ts';

/**
 * Messages came in some other way than by being sent: the first messages of these threads say what their replies make of them.
 * `others` says what else changes, of the first message and who replied, in the order of their first replies.
 */
export async function countReplies(
  tx: Tx,
  tmids: readonly string[],
  others: (parent: WireMessage, uids: readonly string[]) => Partial<WireMessage>,
): Promise<void> {
  if (tmids.length === 0) return;
  for (const [tmid, { tcount, tlm, uids }] of await threadFacts(tx, tmids)) {
    const parent = await lockMessage(tx, tmid);
    if (!parent) continue;
    const changed: WireMessage = { ...parent, tcount, tlm: new Date(tlm), ...others(parent, uids) };
    await replaceMessage(tx, changed);
    await indexFollowers(tx, parent, changed);
  }
}
