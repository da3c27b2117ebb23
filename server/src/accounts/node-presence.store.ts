import type { Db, Tx } from '../storage/database.ts';
import type { Schema } from '../storage/schema.ts';

/** SQL of who is connected to which node. Lists of users are short enough for one statement. */

export type NodePresenceRow = Schema['node_presence'];

/** What all nodes hold of the users. */
export function presenceRowsOf(db: Db, uids: readonly string[]): Promise<NodePresenceRow[]> {
  return db
    .selectFrom('node_presence')
    .select(['node', 'uid', 'connections', 'status'])
    .where('uid', 'in', uids)
    .execute();
}

/** Stores rows, in place of those that their nodes held of the same users. */
export async function storePresenceRows(tx: Tx, rows: readonly NodePresenceRow[]): Promise<void> {
  if (rows.length === 0) return;
  await tx
    .insertInto('node_presence')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['uid', 'node']).doUpdateSet((eb) => ({
        connections: eb.ref('excluded.connections'),
        status: eb.ref('excluded.status'),
      })),
    )
    .execute();
}

/** Forgets what these nodes held of the users. */
export async function deletePresenceRows(
  tx: Tx,
  nodes: readonly string[],
  uids: readonly string[],
): Promise<void> {
  if (nodes.length === 0 || uids.length === 0) return;
  await tx.deleteFrom('node_presence').where('node', 'in', nodes).where('uid', 'in', uids).execute();
}

export async function deleteAllPresenceRows(tx: Tx): Promise<void> {
  await tx.deleteFrom('node_presence').execute();
}

/** The nodes that hold users. */
export async function nodesWithPresence(db: Db): Promise<string[]> {
  const rows = await db.selectFrom('node_presence').select('node').distinct().execute();
  return rows.map(({ node }) => node);
}

/** Users that one of the nodes holds, at most `limit`. */
export async function uidsHeldBy(db: Db, nodes: readonly string[], limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('node_presence')
    .select('uid')
    .distinct()
    .where('node', 'in', nodes)
    .limit(limit)
    .execute();
  return rows.map(({ uid }) => uid);
}

/** Users who are stored as connected although no node holds them. A scan, for the start only. */
export async function connectedToNoNode(db: Db, exceptUid: string): Promise<string[]> {
  const rows = await db
    .selectFrom('users')
    .leftJoin('node_presence', 'node_presence.uid', 'users.id')
    .select('users.id')
    .where('users.status_connection', '<>', 'offline')
    .where('users.id', '<>', exceptUid)
    .where('node_presence.uid', 'is', null)
    .execute();
  return rows.map(({ id }) => id);
}

/** How many connections all nodes hold. */
export async function countHeldConnections(db: Db): Promise<number> {
  const row = await db
    .selectFrom('node_presence')
    .select((eb) => eb.fn.sum<number | null>('connections').as('total'))
    .executeTakeFirst();
  return Number(row?.total ?? 0);
}
