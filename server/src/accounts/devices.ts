import { type Context, within } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, notFound } from '../kernel/errors.ts';
import { parseDoc } from '../storage/json.ts';
import type { Device } from './device.ts';
import {
  type SessionFilter,
  type SessionOrder,
  type SessionRow,
  sessionById,
  sessionPage,
} from './devices.store.ts';
import { loadUser } from './find-users.ts';
import { recordUserAction } from './record-user-action.ts';
import { endSession, sessionLifetime } from './sessions.ts';
import type { UserDoc } from './user.ts';

export { SESSION_SORTS, type SessionOrder } from './devices.store.ts';

/** The open sessions of people, by device (spec 20, "Sessions / device management"). Routes ask for permissions. */

export interface DeviceSession {
  sessionId: string;
  uid: string;
  /** The one that asks. */
  current: boolean;
  /** ms */
  loginAt: number;
  ip: string;
  host: string;
  device: Device;
  user: {
    username: string | undefined;
    name: string | undefined;
    avatarETag: string | undefined;
    avatarOrigin: string | undefined;
  };
}

export interface SessionList {
  text?: string | undefined;
  order: readonly SessionOrder[];
  offset: number;
  count: number;
}

/** The caller's sessions, or everybody's. */
export async function listSessions(
  ctx: Context,
  caller: Caller,
  whose: 'own' | 'all',
  { text, order, ...page }: SessionList,
): Promise<{ sessions: DeviceSession[]; total: number }> {
  const filter = { ...scope(ctx, caller, whose), text };
  const { rows, total } = await sessionPage(ctx.db, filter, order, page);
  return { sessions: rows.map((row) => deviceSession(ctx, caller, row)), total };
}

/** Throws 404. */
export async function getSession(
  ctx: Context,
  caller: Caller,
  whose: 'own' | 'all',
  id: string,
): Promise<DeviceSession> {
  const row = await sessionById(ctx.db, id, scope(ctx, caller, whose));
  return row ? deviceSession(ctx, caller, row) : notFound('Session not found');
}

/** Ends one session. Throws 404. */
export async function endDeviceSession(
  ctx: Context,
  caller: Caller,
  whose: 'own' | 'all',
  id: string,
): Promise<void> {
  await ctx.write(async (tx, emit) => {
    const row = await sessionById(tx, id, scope(within(ctx, tx), caller, whose));
    if (!row) notFound('Session not found');
    if (row.uid !== caller.uid) {
      const user = (await loadUser(tx, row.uid)) ?? fail('error-invalid-user', 'Invalid user');
      await recordUserAction(ctx, tx, caller, { kind: 'user.loggedOut', user, data: { sessionId: id } });
    }
    await endSession(tx, emit, row);
  });
}

const scope = (ctx: Context, caller: Caller, whose: 'own' | 'all'): SessionFilter => ({
  openedAfter: ctx.clock.now() - sessionLifetime(ctx.settings),
  uid: whose === 'own' ? caller.uid : undefined,
});

const UNKNOWN: Device = {
  type: 'other',
  name: '',
  longVersion: '',
  os: { name: '', version: '' },
  version: '',
};

function deviceSession(ctx: Context, caller: Caller, row: SessionRow): DeviceSession {
  const { avatarETag, avatarOrigin } = parseDoc<UserDoc>(row.user_doc);
  return {
    sessionId: row.session_id ?? '',
    uid: row.uid,
    current: row.hash === caller.tokenHash,
    loginAt: row.created_at,
    ip: row.ip ?? '',
    host: new URL(ctx.config.rootUrl).host,
    device: row.device === null ? UNKNOWN : parseDoc<Device>(row.device),
    user: { username: row.username ?? undefined, name: row.name ?? undefined, avatarETag, avatarOrigin },
  };
}
