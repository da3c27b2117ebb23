import { digestOf, hashDigest } from '../accounts/passwords.ts';
import { areRoles, refuseForbiddenRoles } from '../accounts/user-edit-rules.ts';
import { recordAction } from '../audit/record.ts';
import type { Context, WriteScope } from '../context.ts';
import { enqueue } from '../jobs/enqueue.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, refuse } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import type { Tx } from '../storage/database.ts';
import { deleteAllRecords, insertOperation, insertRecords, latestOperations } from './imports.store.ts';
import { type ImportOperation, type ImportState, type StagedUser, stateOf } from './operation.ts';
import { changeOperation } from './operation-steps.ts';

declare module '../jobs/job.ts' {
  interface JobPayloads {
    'imports.run': { id: string };
  }
}

/** Somebody as the API takes them. */
export type UserToImport = Omit<StagedUser, 'passwordHash'> & {
  password?: string | undefined;
  /** Taken, and not kept. */
  avatarUrl?: string | undefined;
};

const SHOWN = 5;
/** Passwords that are hashed at a time: others want to log in meanwhile. */
const HASHES = 2;

/** The one operation that there is at a time, which may be over. */
const current = async (db: Tx | Context['db']): Promise<ImportOperation | undefined> =>
  (await latestOperations(db, 1))[0];

export const currentOperation = (ctx: Context): Promise<ImportOperation | undefined> => current(ctx.db);

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
export function newOperation(ctx: Context, caller: Caller): Promise<ImportOperation> {
  return ctx.write(async (tx, emit) => {
    await endCurrent(ctx, { tx, emit });
    const at = ctx.clock.stamp();
    const operation: ImportOperation = {
      ...{ id: newId(), importerKey: 'api', uid: caller.uid, step: 'importer_new', isValid: true },
      ...{ createdAt: at, updatedAt: at, counts: { total: 0, users: 0, completed: 0, error: 0 } },
    };
    await insertOperation(tx, operation);
    return operation;
  });
}

/** `import.clear` */
export const clearImport = (ctx: Context): Promise<void> =>
  ctx.write((tx, emit) => endCurrent(ctx, { tx, emit }));

async function endCurrent(ctx: Context, { tx, emit }: WriteScope): Promise<void> {
  const former = await current(tx);
  if (former?.isValid) await changeOperation(ctx, { tx, emit }, former, { isValid: false });
  await deleteAllRecords(tx);
}

/**
 * Stages people (`import.addUsers`). All or nobody.
 *
 * @throws the plain refusals of spec 32 A in their order; error-action-not-allowed for administrators by who may make none
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
    const operation = refuseClosed(await current(tx));
    await insertRecords(tx, operation.id, operation.counts.total, staged);
    const total = operation.counts.total + staged.length;
    const counts = { ...operation.counts, total, users: total };
    await changeOperation(ctx, { tx, emit }, operation, { step: 'importer_user_selection', counts });
  });
}

const isEmpty = (texts: readonly string[]): boolean => !texts.some((text) => text.trim() !== '');

function refuseClosed(operation: ImportOperation | undefined): ImportOperation {
  if (!operation) refuse('Import operation not initialized.');
  const state = stateOf(operation);
  if (state === 'importing') refuse('The current import operation can not receive new data.');
  if (state !== 'new' && state !== 'ready') refuse('The current import operation is already finished.');
  return operation;
}

/** A password is not stored in a form that would let anybody in, not even for the time of waiting. */
async function withoutPasswords(ctx: Context, users: readonly UserToImport[]): Promise<StagedUser[]> {
  const staged: StagedUser[] = [];
  for (let start = 0; start < users.length; start += HASHES) {
    const some = users.slice(start, start + HASHES).map(async ({ password, avatarUrl: _later, ...user }) => {
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
    const operation = await current(tx);
    if (!operation) refuse('error-operation-not-found');
    if (stateOf(operation) !== 'ready') refuse('error-invalid-operation-status');
    await changeOperation(ctx, { tx, emit }, operation, { step: 'importer_importing_started' });
    await recordAction(ctx, tx, caller, {
      ...{ kind: 'import.started', subject: operation.id },
      data: { importer: operation.importerKey, users: operation.counts.users },
    });
    await enqueue(ctx, { tx, emit }, { kind: 'imports.run', payload: { id: operation.id } });
  });
}
