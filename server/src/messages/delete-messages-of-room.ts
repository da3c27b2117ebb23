import type { Tx } from '../storage/database.ts';
import { deleteAllOfRoom } from './messages.store.ts';

/** Removes every message of a room that is being deleted, with its mentions, stars and tombstones. */
export const deleteMessagesOfRoom = (tx: Tx, rid: string): Promise<void> => deleteAllOfRoom(tx, rid);
