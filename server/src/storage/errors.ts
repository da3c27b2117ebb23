/** Storage errors by meaning; drivers tell them by numbers (SQLite `errcode`) or SQLSTATE texts (PostgreSQL `code`). */

/** The storage cannot promise durability any more, or is closed: every write is refused until the server is restarted. */
export class StorageFailed extends Error {
  override readonly name = 'StorageFailed';
}

/** The database is on another machine and does not answer; later it may. */
export class StorageAway extends Error {
  override readonly name = 'StorageAway';
}

/** A primary or unique key exists already. In PostgreSQL the transaction is lost then: prefer `onConflict`. */
export function isUniqueViolation(error: unknown): boolean {
  const { errcode, code } = codesOf(error);
  return errcode === 1555 || errcode === 2067 || errcode === 2579 || code === '23505';
}

/** The disk, or the database's own limit, is full. The transaction was rolled back; reads and later writes work. */
export function isStorageFull(error: unknown): boolean {
  const { errcode, code } = codesOf(error);
  // 4874: SQLite could not extend its shared-memory file.
  return (
    (errcode !== undefined && (errcode & 0xff) === 13) ||
    errcode === 4874 ||
    code === 'ENOSPC' ||
    code === '53100'
  );
}

/** Another process holds a lock for too long, two transactions collided, or the server is away: trying again may help. */
export function isStorageBusy(error: unknown): boolean {
  if (error instanceof StorageAway) return true;
  const { errcode, code } = codesOf(error);
  if (errcode !== undefined) return (errcode & 0xff) === 5 || (errcode & 0xff) === 6;
  return code === '40001' || code === '40P01' || code === '55P03';
}

/**
 * After these SQLite may have rolled the transaction back by itself (busy, out of memory, interrupted, I/O error, full):
 * a statement that follows would be outside any transaction.
 */
export function mayHaveEndedTransaction(error: unknown): boolean {
  const { errcode } = codesOf(error);
  return errcode !== undefined && [5, 7, 9, 10, 13].includes(errcode & 0xff);
}

function codesOf(error: unknown): { errcode: number | undefined; code: unknown } {
  if (typeof error !== 'object' || error === null) return { errcode: undefined, code: undefined };
  const { errcode, code } = error as { errcode?: unknown; code?: unknown };
  return { errcode: typeof errcode === 'number' ? errcode : undefined, code };
}
