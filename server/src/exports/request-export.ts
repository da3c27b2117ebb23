import type { Context, WriteScope } from '../context.ts';
import { findFileOfKind } from '../files/find-files.ts';
import { enqueue } from '../jobs/enqueue.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import { EXPORT_METHOD, roomToExport } from '../messages/room-to-export.ts';
import type { CommitHooks } from '../storage/write.ts';
import { type Export, exportPath, type RoomWish } from './export.ts';
import { countUnfinishedBefore, deleteExports, exportsOf, insertExport } from './exports.store.ts';

const DAY = 24 * 60 * 60_000;
/** So many exports of rooms that are not made yet may one person have. */
const MAX_WAITING = 10;

declare module '../jobs/job.ts' {
  interface JobPayloads {
    'exports.write': { id: string };
  }
}

export interface DataDownload {
  /** False: there was one already. */
  requested: boolean;
  found: Export;
  /** Of the archive, once it is there. */
  path: string | undefined;
  pendingBefore: number;
}

/**
 * Asks for an archive of everything that belongs to the caller (spec 21, `users.requestDataDownload`): one a day, in each of
 * its two forms.
 *
 * @throws error-not-allowed where the workspace does not offer it
 */
export async function requestDataDownload(
  ctx: Context,
  caller: Caller,
  fullExport: boolean,
): Promise<DataDownload> {
  if (!ctx.settings.bool('UserData_EnableDownload'))
    fail('error-not-allowed', 'Not allowed', { method: 'requestDataDownload' });
  const { found, requested } = await ctx.write(async (tx, emit) => {
    const since = ctx.clock.now() - DAY;
    const earlier = (await exportsOf(tx, caller.uid, 'user', since)).find(
      ({ wish, status }) => wish.kind === 'user' && wish.fullExport === fullExport && status !== 'failed',
    );
    if (earlier) return { found: earlier, requested: false };
    const wish = { kind: 'user' as const, fullExport };
    return { found: await addExport(ctx, { tx, emit }, caller, wish), requested: true };
  });
  const file = await findFileOfKind(ctx, found.id, 'export');
  return {
    ...{ requested, found, path: file && exportPath(file.id) },
    pendingBefore: await countUnfinishedBefore(ctx.db, found.createdAt),
  };
}

/**
 * Asks for an archive of a stretch of a room. The same wish a second time is fulfilled once.
 *
 * @throws as `roomToExport`, error-invalid-dates, error-too-many-requests
 */
export async function requestRoomExport(
  ctx: Context,
  caller: Caller,
  wanted: Omit<RoomWish, 'kind'>,
): Promise<void> {
  await roomToExport(ctx, caller, wanted.rid);
  if (wanted.from > wanted.to)
    fail('error-invalid-dates', 'From date cannot be after To date', { method: EXPORT_METHOD });
  const wish: RoomWish = { kind: 'room', ...wanted };
  await ctx.write(async (tx, emit) => {
    const since = ctx.clock.now() - DAY;
    const waiting = (await exportsOf(tx, caller.uid, 'room', since)).filter(
      ({ status }) => status === 'pending' || status === 'exporting',
    );
    if (waiting.some((each) => JSON.stringify(each.wish) === JSON.stringify(wish))) return;
    if (waiting.length >= MAX_WAITING)
      fail('error-too-many-requests', 'Too many exports are waiting already', { method: EXPORT_METHOD });
    await addExport(ctx, { tx, emit }, caller, wish);
  });
}

async function addExport(
  ctx: Context,
  scope: WriteScope,
  caller: Caller,
  wish: Export['wish'],
): Promise<Export> {
  const at = ctx.clock.stamp();
  const added: Export = {
    id: newId(),
    ...{ uid: caller.uid, status: 'pending', createdAt: at, updatedAt: at, wish },
  };
  await insertExport(scope.tx, added);
  await enqueue(ctx, scope, { kind: 'exports.write', payload: { id: added.id } });
  return added;
}

/** Exports go with the account; their files do with its others. */
export function endExportsWithAccounts(hooks: CommitHooks): void {
  hooks.on('user.deleted', ({ uid }, { tx }) => deleteExports(tx, { uid }));
}
