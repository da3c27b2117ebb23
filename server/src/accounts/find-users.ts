import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import type { Db } from '../storage/database.ts';
import type { UserRow } from '../storage/schema.ts';
import { emailKey, parseUser, type User, usernameKey } from './user.ts';
import {
  findEmails,
  findUserRow,
  findUserRowByDoc,
  findUserRowByEmailKey,
  findUserRowByIdentity,
  findUserRowByUsernameKey,
  findUserRows,
  firstUserRows,
} from './users.store.ts';

export interface Client {
  ip: string;
  userAgent: string;
}

/** The user; undefined when there is none. Also for use inside a transaction. */
export async function loadUser(db: Db, uid: string): Promise<User | undefined> {
  return one(db, await findUserRow(db, uid));
}

/** By username, ignoring case. */
export async function loadUserByUsername(db: Db, username: string): Promise<User | undefined> {
  return one(db, await findUserRowByUsernameKey(db, usernameKey(username)));
}

/** By any of a user's addresses, ignoring case. */
export async function loadUserByEmail(db: Db, address: string): Promise<User | undefined> {
  return one(db, await findUserRowByEmailKey(db, emailKey(address)));
}

/** By whom another service says that they are. */
export async function loadUserByIdentity(
  db: Db,
  identity: { service: string; id: string },
): Promise<User | undefined> {
  return one(db, await findUserRowByIdentity(db, identity));
}

/** By what only those who see everything may look for. */
export async function loadUserByDoc(
  db: Db,
  by: Parameters<typeof findUserRowByDoc>[1],
): Promise<User | undefined> {
  return one(db, await findUserRowByDoc(db, by));
}

/** Stored rows with their addresses, in the rows' order. */
export async function withEmails(db: Db, rows: readonly UserRow[]): Promise<User[]> {
  const emails = await findEmails(
    db,
    rows.map((row) => row.id),
  );
  return rows.map((row) => parseUser(row, emails.get(row.id) ?? []));
}

export const findUserById = (ctx: Context, uid: string): Promise<User | undefined> => loadUser(ctx.db, uid);

export const findUserByUsername = (ctx: Context, username: string): Promise<User | undefined> =>
  loadUserByUsername(ctx.db, username);

/** The users that exist among these ids or usernames (any case), in no particular order. */
export async function findUsers(
  ctx: Context,
  by: { ids: readonly string[] } | { usernames: readonly string[] },
): Promise<User[]> {
  const rows = await findUserRows(
    ctx.db,
    'ids' in by
      ? { ids: [...new Set(by.ids)] }
      : { usernameKeys: [...new Set(by.usernames.map(usernameKey))] },
  );
  return withEmails(ctx.db, rows);
}

/** Everybody, up to `limit`, in no useful order. */
export async function findAllUsers(
  ctx: Context,
  which: { activeOnly: boolean; limit: number },
): Promise<User[]> {
  return withEmails(ctx.db, await firstUserRows(ctx.db, which));
}

export interface UserParams {
  userId?: string | undefined;
  username?: string | undefined;
  user?: string | undefined;
}

/** True when at least one of the parameters names somebody. */
export const namesUser = (params: UserParams): boolean => firstGiven(params) !== undefined;

/** The one user that the parameters name (spec 00 §12.2). Throws `error-user-param-not-provided`, `error-invalid-user`. */
export async function resolveUser(ctx: Context, params: UserParams): Promise<User> {
  const given = firstGiven(params);
  if (!given) {
    fail('error-user-param-not-provided', 'The required "userId" or "username" param was not provided');
  }
  const user = given.byId ? await findUserById(ctx, given.value) : await findUserByUsername(ctx, given.value);
  if (!user) {
    fail('error-invalid-user', 'The required "userId" or "username" param provided does not match any users');
  }
  return user;
}

/** The users that the parameters name; unknown ones are dropped (spec 00 §12.3). Throws `error-users-params-not-provided`. */
export async function resolveUsers(
  ctx: Context,
  params: UserParams & { userIds?: readonly string[] | undefined; usernames?: readonly string[] | undefined },
): Promise<User[]> {
  const single = firstGiven(params);
  const given = [...(params.userIds ?? params.usernames ?? []), single?.value ?? ''].filter(
    (s) => s.trim() !== '',
  );
  if (given.length === 0) {
    fail(
      'error-users-params-not-provided',
      'Please provide "userId" or "username" or "userIds" or "usernames" as param',
    );
  }
  const byId = params.userIds !== undefined || single?.byId === true;
  return findUsers(ctx, byId ? { ids: given } : { usernames: given });
}

/** Who makes a call, for a user without a login token at hand (the server acting for somebody). */
export function callerFor(user: User, client: Client): Caller {
  return {
    uid: user._id,
    username: user.username,
    name: user.name,
    roles: user.roles,
    tokenHash: undefined,
    bypassTwoFactor: false,
    ip: client.ip,
    userAgent: client.userAgent,
  };
}

function firstGiven({ userId, username, user }: UserParams): { byId: boolean; value: string } | undefined {
  if (userId?.trim()) return { byId: true, value: userId };
  if (username?.trim()) return { byId: false, value: username };
  if (user?.trim()) return { byId: false, value: user };
  return undefined;
}

async function one(db: Db, row: UserRow | undefined): Promise<User | undefined> {
  if (!row) return undefined;
  return (await withEmails(db, [row]))[0];
}
