import type { Db, Tx } from '../storage/database.ts';
import { parseDoc, stringify } from '../storage/json.ts';
import { type ImportOperation, operationFromRow, operationRow, type StagedUser } from './operation.ts';

/** SQL of imports. */

export async function insertOperation(tx: Tx, operation: ImportOperation): Promise<void> {
  await tx.insertInto('import_operations').values(operationRow(operation)).execute();
}

export async function saveOperation(tx: Tx, operation: ImportOperation): Promise<void> {
  const { id, ...columns } = operationRow(operation);
  await tx.updateTable('import_operations').set(columns).where('id', '=', id).execute();
}

/** The latest operations, the newest first. */
export async function latestOperations(db: Db, limit: number): Promise<ImportOperation[]> {
  const rows = await db
    .selectFrom('import_operations')
    .selectAll()
    .orderBy('created_at', 'desc')
    .limit(limit)
    .execute();
  return rows.map(operationFromRow);
}

export async function operationById(db: Db, id: string): Promise<ImportOperation | undefined> {
  const row = await db.selectFrom('import_operations').selectAll().where('id', '=', id).executeTakeFirst();
  return row && operationFromRow(row);
}

/** Statements take some thousand parameters at most. */
const CHUNK = 200;

/** Adds people behind the first `count` of the operation. */
export async function insertRecords(
  tx: Tx,
  operationId: string,
  count: number,
  users: readonly StagedUser[],
): Promise<void> {
  for (let start = 0; start < users.length; start += CHUNK) {
    const rows = users.slice(start, start + CHUNK).map((user, index) => ({
      ...{ operation_id: operationId, position: count + start + index },
      ...{ doc: stringify(user), error: null },
    }));
    await tx.insertInto('import_records').values(rows).execute();
  }
}

/** The next people from `position` on. */
export async function nextRecords(
  db: Db,
  operationId: string,
  position: number,
  limit: number,
): Promise<{ position: number; user: StagedUser }[]> {
  const rows = await db
    .selectFrom('import_records')
    .select(['position', 'doc'])
    .where('operation_id', '=', operationId)
    .where('position', '>=', position)
    .orderBy('position')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ position: row.position, user: parseDoc<StagedUser>(row.doc) }));
}

export async function deleteRecord(tx: Tx, operationId: string, position: number): Promise<void> {
  await tx
    .deleteFrom('import_records')
    .where('operation_id', '=', operationId)
    .where('position', '=', position)
    .execute();
}

export async function setRecordError(
  tx: Tx,
  operationId: string,
  position: number,
  error: string,
): Promise<void> {
  await tx
    .updateTable('import_records')
    .set({ error })
    .where('operation_id', '=', operationId)
    .where('position', '=', position)
    .execute();
}

export async function deleteAllRecords(tx: Tx): Promise<void> {
  await tx.deleteFrom('import_records').execute();
}
