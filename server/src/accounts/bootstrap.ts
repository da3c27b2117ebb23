import type { Context } from '../context.ts';
import { newId } from '../kernel/ids.ts';
import type { Db, Tx } from '../storage/database.ts';
import { storeNewUser } from './change-user.ts';
import { admitUser } from './create-user.ts';
import { findCredentials } from './credentials.store.ts';
import { isEmailShaped } from './emails.ts';
import { loadUser, loadUserByUsername } from './find-users.ts';
import { defaultRoles, hasAdmin, mainEmail, newUser, startSetupWizard } from './new-user.ts';
import { digestOf, hashDigest, randomPassword } from './passwords.ts';
import { NO_ROOMS, type RoomHooks } from './room-hooks.ts';
import { emailKey, type User } from './user.ts';
import { addGlobalRole } from './user-roles.ts';
import { isUsernameTaken, isValidUsername } from './usernames.ts';
import { deleteUserRow, isEmailKeyTaken, oldestPerson } from './users.store.ts';

export interface FirstAdmin {
  username: string;
  password: string;
}

const CAT = 'rocket.cat';
const TEST_ADMIN = 'rocketchat.internal.admin.test';
/** Of its password, which is its name and known to everybody: hashing it took a tenth of each start. */
const TEST_ADMIN_HASH = '$2b$10$7vStpnxQEZBnvfJNiHUBFuGxi33jcjg2ezj2xJRpmSEXCU6cF/jAu';

/**
 * Brings the people of a workspace into a usable state at every start (spec 22, "Bootstrapping a workspace" 3 to 8).
 * `rooms` has to exist by then; `isAlone` says whether no other server uses the database. Returns the admin when this start made
 * one with a password that nobody was told yet.
 */
export async function bootstrapAccounts(
  ctx: Context,
  rooms: RoomHooks = NO_ROOMS,
  isAlone: (db: Db) => Promise<boolean> = async () => true,
): Promise<{ firstAdmin?: FirstAdmin }> {
  await storeCat(ctx);
  const firstAdmin = await storeAdmin(ctx, rooms);
  await storeInitialUser(ctx, rooms);
  await promoteOldest(ctx);
  if (ctx.config.testMode) await storeTestAdmin(ctx, rooms, isAlone);
  await ctx.write(async (tx, emit) => {
    if (await hasAdmin(tx)) await startSetupWizard(ctx, tx, emit);
  });
  return firstAdmin ? { firstAdmin } : {};
}

/** The bot that speaks for the server. It has no password. */
async function storeCat(ctx: Context): Promise<void> {
  if (await loadUser(ctx.db, CAT)) return;
  const cat = newUser(ctx, {
    _id: CAT,
    username: CAT,
    name: 'Rocket.Cat',
    type: 'bot',
    roles: ['bot'],
    status: 'online',
    statusDefault: 'online',
    utcOffset: 0,
  });
  await ctx.write((tx, emit) => storeNewUser(tx, emit, cat, undefined));
}

/**
 * The admin of the configuration, as long as nobody is admin. Without a configured password a fresh workspace gets one
 * with a random password, which the caller has to show; a workspace with people waits for `promoteOldest`.
 */
async function storeAdmin(ctx: Context, rooms: RoomHooks): Promise<FirstAdmin | undefined> {
  const { admin, testMode } = ctx.config;
  if (await hasAdmin(ctx.db)) return undefined;
  const configured = admin.password !== undefined && admin.password !== '';
  if (!configured && (testMode || ctx.config.initialUser || (await oldestPerson(ctx.db)))) return undefined;
  if (!isValidUsername(ctx.settings, admin.username)) {
    ctx.log.warn(
      { username: admin.username },
      'the configured admin has no valid username and is not created',
    );
    return undefined;
  }
  const password = configured && admin.password ? admin.password : randomPassword();
  const hash = await hashDigest(ctx, digestOf(password));
  const created = await ctx.write(async (tx, emit) => {
    if (await isUsernameTaken(ctx, tx, rooms, admin.username)) return false;
    const address = admin.email && isEmailShaped(admin.email) ? admin.email : undefined;
    const free = address !== undefined && !(await isEmailKeyTaken(tx, emailKey(address)));
    const user = newUser(ctx, {
      username: admin.username,
      name: admin.name,
      emails: free ? [mainEmail(address, admin.emailVerified)] : [],
      roles: ['admin'],
      hasPassword: true,
    });
    await admitUser(ctx, rooms, tx, emit, { user, hash, joins: true, silent: true });
    return true;
  });
  if (!created)
    ctx.log.warn({ username: admin.username }, 'the configured admin is not created: the username is taken');
  return created && !configured ? { username: admin.username, password } : undefined;
}

/** `INITIAL_USER`: a user as JSON, inserted when the id is new. */
async function storeInitialUser(ctx: Context, rooms: RoomHooks): Promise<void> {
  const given = readInitialUser(ctx);
  if (!given || (await loadUser(ctx.db, given.user._id))) return;
  const hash = given.password === undefined ? undefined : await hashDigest(ctx, digestOf(given.password));
  await ctx.write(async (tx, emit) => {
    const { username } = given.user;
    if (username !== undefined && (await isUsernameTaken(ctx, tx, rooms, username))) return;
    const user = { ...given.user, hasPassword: hash !== undefined };
    await admitUser(ctx, rooms, tx, emit, { user, hash, joins: true, silent: true });
  });
}

function readInitialUser(ctx: Context): { user: User; password: string | undefined } | undefined {
  if (!ctx.config.initialUser) return undefined;
  const given = parseRecord(ctx.config.initialUser);
  const text = (key: string): string | undefined => {
    const value = given?.[key];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  if (!given || text('_id') === undefined) {
    ctx.log.warn('INITIAL_USER is not a JSON object with an _id and is ignored');
    return undefined;
  }
  const roles = Array.isArray(given.roles) ? given.roles.filter((role) => typeof role === 'string') : [];
  const address = text('email');
  return {
    user: newUser(ctx, {
      _id: text('_id') ?? newId(),
      username: text('username'),
      name: text('name'),
      type: text('type') ?? 'user',
      roles: roles.length > 0 ? roles : defaultRoles(ctx),
      emails: address && isEmailShaped(address) ? [mainEmail(address, given.emailVerified === true)] : [],
    }),
    password: text('password'),
  };
}

async function promoteOldest(ctx: Context): Promise<void> {
  if (await hasAdmin(ctx.db)) return;
  await ctx.write(async (tx, emit) => {
    const oldest = await oldestPerson(tx);
    if (!oldest) return;
    await addGlobalRole(tx, emit, ctx, oldest.id, 'admin');
    ctx.log.warn({ uid: oldest.id }, 'nobody was admin: the oldest user became it');
  });
}

/**
 * The admin that the public API test suites log in with, anew with each start; its password is known to everybody. One that is
 * as it should be stays while another node lives, where somebody may be logged in with it.
 */
async function storeTestAdmin(
  ctx: Context,
  rooms: RoomHooks,
  isAlone: (db: Db) => Promise<boolean>,
): Promise<void> {
  const user = newUser(ctx, {
    _id: TEST_ADMIN,
    username: TEST_ADMIN,
    name: 'RocketChat Internal Admin Test',
    emails: [mainEmail(`${TEST_ADMIN}@rocket.chat`, false)],
    roles: ['admin'],
    hasPassword: true,
  });
  await ctx.write(async (tx, emit) => {
    const old = await loadUserByUsername(tx, TEST_ADMIN);
    if (old && !(await isAlone(tx)) && (await isTestAdmin(tx, old, user))) return;
    if (old) {
      await rooms.userRemoved(ctx, tx, emit, old, 'Keep');
      await deleteUserRow(tx, old._id);
    }
    await admitUser(ctx, rooms, tx, emit, { user, hash: TEST_ADMIN_HASH, joins: true, silent: true });
  });
}

async function isTestAdmin(tx: Tx, { _id, roles, emails }: User, wanted: User): Promise<boolean> {
  const addresses = (of: User['emails']) => of.map(({ address }) => address).join(' ');
  const isLike =
    _id === wanted._id && roles.includes('admin') && addresses(emails) === addresses(wanted.emails);
  return isLike && (await findCredentials(tx, { id: _id }))?.password_hash === TEST_ADMIN_HASH;
}

function parseRecord(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
