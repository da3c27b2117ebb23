import type { Db } from '../storage/database.ts';
import type { Cluster } from './cluster.ts';

/** Whether no other process uses the database; inside a transaction it stays true until the commit but for one that is starting. */
export const isAlone = async (cluster: Cluster | undefined, db: Db): Promise<boolean> =>
  cluster === undefined || (await cluster.database.liveNodes(db)).size <= 1;
