import { sql } from 'kysely';
import type { Db, Tx } from '../storage/database.ts';
import { parseDoc, stringify } from '../storage/json.ts';

/** SQL of the nodes that share the database. */

export interface StoredNode<Doc> {
  node: string;
  /** ms */
  startedAt: number;
  doc: Doc;
}

export async function saveNode(tx: Tx, { node, startedAt, doc }: StoredNode<object>): Promise<void> {
  const row = { started_at: startedAt, doc: stringify(doc) };
  await tx
    .insertInto('node_records')
    .values({ node, ...row })
    .onConflict((conflict) => conflict.column('node').doUpdateSet(row))
    .execute();
}

/** Forgets all nodes but these. */
export async function deleteNodesExcept(tx: Tx, nodes: readonly string[]): Promise<void> {
  await tx.deleteFrom('node_records').where('node', 'not in', nodes).execute();
}

/** Bounded by the number of nodes; each with the connections of people that it holds. */
export async function storedNodes<Doc>(
  db: Db,
  nodes: readonly string[],
): Promise<(StoredNode<Doc> & { connections: number })[]> {
  const rows = await db
    .selectFrom('node_records')
    .select((eb) => [
      'node',
      'started_at',
      'doc',
      eb
        .selectFrom('node_presence')
        .select(sql<number>`coalesce(sum(connections), 0)`.as('held'))
        .whereRef('node_presence.node', '=', 'node_records.node')
        .as('connections'),
    ])
    .where('node', 'in', nodes)
    .orderBy('started_at')
    .orderBy('node')
    .execute();
  return rows.map((row) => ({
    node: row.node,
    startedAt: row.started_at,
    doc: parseDoc<Doc>(row.doc),
    connections: Number(row.connections),
  }));
}
