import { numberOfPendingAvatars } from '../accounts/imported-people.ts';
import { digestOf, hashDigest } from '../accounts/passwords.ts';
import { areRoles, refuseForbiddenRoles } from '../accounts/user-edit-rules.ts';
import { recordAction } from '../audit/record.ts';
import type { Context } from '../context.ts';
import { enqueue } from '../jobs/enqueue.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, refuse } from '../kernel/errors.ts';
import { numberOfPendingFiles } from '../messages/pending-file.ts';
import { insertRecords, latestOperations } from './imports.store.ts';
import { type ImportOperation, type ImportState, NO_COUNTS, stateOf } from './operation.ts';
import { beginOperation, changeOperation, endOperation, latest } from './operation-steps.ts';
import type { StagedUser } from './staged.ts';

/** Somebody as the API takes them. */
export type UserToImport = Omit<StagedUser, 'passwordHash'> & { password?: string | undefined };

const SHOWN = 5;
/** Passwords that are hashed at a time: others want to log in meanwhile. */
const HASHES = 2;

/** The one operation that there is at a time, which may be over. */
export const currentOperation = (ctx: Context): Promise<ImportOperation | undefined> => latest(ctx.db);

export const listOperations = (ctx: Context): Promise<ImportOperation[]> => latestOperations(ctx.db, SHOWN);

/** @throws error-operation-not-found */
export const operationToWatch = async (ctx: Context): Promise<ImportOperation> =>
  (await currentOperation(ctx)) ?? fail('error-operation-not-found', 'Import Operation Not Found');

export async function importStatus(
  ctx: Context,
): Promise<{ state: ImportState; operation: ImportOperation | undefined }> {
  const operation = await currentOperation(ctx);
  return { state: stateOf(operation), operation };
}

/** Begins anew (`import.new`): the former operation ends, and whoever waited in it is forgotten. */
export const newOperation = (ctx: Context, caller: Caller): Promise<ImportOperation> =>
  ctx.write((tx, emit) => beginOperation(ctx, { tx, emit }, { importerKey: 'api', uid: caller.uid }));

/** `import.clear` */
export const clearImport = (ctx: Context): Promise<void> =>
  ctx.write((tx, emit) => endOperation(ctx, { tx, emit }));

/**
 * Stages people (`import.addUsers`). All or nobody.
 *
 * @throws the plain refusals of spec 32 A, error-action-not-allowed for roles that the caller may not give
 */
export async function addUsers(ctx: Context, caller: Caller, users: readonly UserToImport[]): Promise<void> {
  if (users.some(({ importIds, emails }) => isEmpty(importIds) || isEmpty(emails)))
    refuse('Users are missing required data.');
  const roles = [...new Set(users.flatMap((user) => user.roles ?? []))];
  if (!(await areRoles(ctx, roles))) refuse('One or more of the users have been assigned invalid roles.');
  await refuseForbiddenRoles(ctx, caller, roles);
  refuseClosed(await currentOperation(ctx));
  const staged = await withoutPasswords(ctx, users);
  await ctx.write(async (tx, emit) => {
    // The hashes took their time.
    const operation = refuseClosed(await latest(tx));
    const { total: before } = operation.counts;
    const records = staged.map((doc, index) => ({ position: before + index, kind: 'user' as const, doc }));
    await insertRecords(tx, operation.id, records);
    const total = before + staged.length;
    const counts = { ...operation.counts, total, users: total };
    await changeOperation(ctx, { tx, emit }, operation, { step: 'importer_user_selection', counts });
  });
}

const isEmpty = (texts: readonly string[]): boolean => !texts.some((text) => text.trim() !== '');

function refuseClosed(operation: ImportOperation | undefined): ImportOperation {
  if (!operation) refuse('Import operation not initialized.');
  const state = stateOf(operation);
  const isOfFile = operation.importerKey !== 'api' && state !== 'done' && state !== 'error';
  if (state === 'importing' || isOfFile) refuse('The current import operation can not receive new data.');
  if (state !== 'new' && state !== 'ready') refuse('The current import operation is already finished.');
  return operation;
}

/** A password is not stored in a form that would let anybody in, not even for the time of waiting. */
async function withoutPasswords(ctx: Context, users: readonly UserToImport[]): Promise<StagedUser[]> {
  const staged: StagedUser[] = [];
  for (let start = 0; start < users.length; start += HASHES) {
    const some = users.slice(start, start + HASHES).map(async ({ password, ...user }) => {
      if (!password) return user;
      return { ...user, passwordHash: await hashDigest(ctx, digestOf(password)) };
    });
    staged.push(...(await Promise.all(some)));
  }
  return staged;
}

/**
 * Lets the job begin (`import.run`).
 *
 * @throws the plain error-operation-not-found, error-invalid-operation-status
 */
export async function runImport(ctx: Context, caller: Caller): Promise<void> {
  await ctx.write(async (tx, emit) => {
    const operation = await latest(tx);
    if (!operation) refuse('error-operation-not-found');
    if (stateOf(operation) !== 'ready') refuse('error-invalid-operation-status');
    await changeOperation(ctx, { tx, emit }, operation, { step: 'importer_importing_started' });
    await recordAction(ctx, tx, caller, {
      ...{ kind: 'import.started', subject: operation.id },
      data: { importer: operation.importerKey, users: operation.counts.users },
    });
    const payload = { id: operation.id, uid: caller.uid };
    await enqueue(ctx, { tx, emit }, { kind: 'imports.run', payload });
  });
}

/** Fetches what imported messages or people are still without (`downloadPending*`). Returns how many there are. */
export async function fetchPending(
  ctx: Context,
  caller: Caller,
  importerKey: 'pending-files' | 'pending-avatars',
): Promise<number> {
  const count =
    importerKey === 'pending-files' ? await numberOfPendingFiles(ctx) : await numberOfPendingAvatars(ctx);
  await ctx.write(async (tx, emit) => {
    const operation = await beginOperation(
      ctx,
      { tx, emit },
      {
        ...{ importerKey, uid: caller.uid, counts: { ...NO_COUNTS, total: count } },
        step: count === 0 ? 'importer_done' : 'importer_importing_files',
      },
    );
    await recordAction(ctx, tx, caller, {
      ...{ kind: 'import.started', subject: operation.id },
      data: { importer: importerKey, count },
    });
    const payload = { id: operation.id, uid: caller.uid };
    if (count > 0) await enqueue(ctx, { tx, emit }, { kind: 'imports.run', payload });
  });
  return count;
}
