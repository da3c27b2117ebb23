import type { WireMessage } from '../messages/message.ts';
import type { Tx } from '../storage/database.ts';
import { lookAgainFrom } from './retention.store.ts';

/** For a message that loses what spared it (its pin): the next pass looks at it again, however old it is. */
export const retainNoLonger = (tx: Tx, { rid, ts }: Pick<WireMessage, 'rid' | 'ts'>): Promise<void> =>
  lookAgainFrom(tx, rid, ts.getTime());
