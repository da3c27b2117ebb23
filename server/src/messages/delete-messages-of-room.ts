import type { Tx } from '../storage/database.ts';
import { deleteDiscussionRow } from './discussions.store.ts';
import { deleteAllOfRoom } from './messages.store.ts';

/** Removes every message of a room that is being deleted, with its mentions, stars and tombstones, and what it discusses. */
export async function deleteMessagesOfRoom(tx: Tx, rid: string): Promise<void> {
  await deleteAllOfRoom(tx, rid);
  await deleteDiscussionRow(tx, rid);
}
