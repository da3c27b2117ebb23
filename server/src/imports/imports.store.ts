import type { Db, Tx } from '../storage/database.ts';
import { parseDoc, stringify } from '../storage/json.ts';
import { countRows } from '../storage/page-and-total.ts';
import { type ImportOperation, operationFromRow, operationRow } from './operation.ts';
import type { RecordKind, StagedByKind } from './staged.ts';

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

/** Something that waits, and its place in the operation. */
export interface StagedRecord<K extends RecordKind = RecordKind> {
  position: number;
  kind: K;
  doc: StagedByKind[K];
}

/** Statements take some thousand parameters at most. */
const CHUNK = 200;

export async function insertRecords(
  tx: Tx,
  operationId: string,
  records: readonly StagedRecord[],
): Promise<void> {
  for (let start = 0; start < records.length; start += CHUNK) {
    const rows = records.slice(start, start + CHUNK).map(({ position, kind, doc }) => ({
      ...{ operation_id: operationId, position, kind, doc: stringify(doc), error: null },
    }));
    await tx.insertInto('import_records').values(rows).execute();
  }
}

/** The next ones of a kind, from `position` on. */
export async function nextRecords<K extends RecordKind>(
  db: Db,
  operationId: string,
  kind: K,
  position: number,
  limit: number,
): Promise<StagedRecord<K>[]> {
  const rows = await db
    .selectFrom('import_records')
    .select(['position', 'doc'])
    .where('operation_id', '=', operationId)
    .where('kind', '=', kind)
    .where('position', '>=', position)
    .orderBy('position')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ position: row.position, kind, doc: parseDoc<StagedByKind[K]>(row.doc) }));
}

export async function deleteRecords(
  tx: Tx,
  operationId: string,
  positions: readonly number[],
): Promise<void> {
  for (let start = 0; start < positions.length; start += CHUNK)
    await tx
      .deleteFrom('import_records')
      .where('operation_id', '=', operationId)
      .where('position', 'in', positions.slice(start, start + CHUNK))
      .execute();
}

/** The next ones from `position` on, at most so many; false when there were fewer. */
export async function deleteRecordsFrom(
  tx: Tx,
  operationId: string,
  position: number,
  limit: number,
): Promise<boolean> {
  const some = await tx
    .selectFrom('import_records')
    .select('position')
    .where('operation_id', '=', operationId)
    .where('position', '>=', position)
    .orderBy('position')
    .limit(limit)
    .execute();
  const last = some.at(-1);
  if (!last) return false;
  await tx
    .deleteFrom('import_records')
    .where('operation_id', '=', operationId)
    .where('position', '>=', position)
    .where('position', '<=', last.position)
    .execute();
  return some.length === limit;
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

export const countRecords = (db: Db, operationId: string, kind: RecordKind): Promise<number> =>
  countRows(db.selectFrom('import_records').where('operation_id', '=', operationId).where('kind', '=', kind));

/** Some operation, other than this one, of which something waits. */
export async function operationWithRecords(db: Db, except: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('import_records')
    .select('operation_id')
    .where((eb) => eb.or([eb('operation_id', '<', except), eb('operation_id', '>', except)]))
    .limit(1)
    .executeTakeFirst();
  return row?.operation_id;
}
