import type { Context, WriteScope } from '../context.ts';
import { fail, Refusal } from '../kernel/errors.ts';
import { changeUser } from './change-user.ts';
import { renameUser } from './choose-username.ts';
import { admitUser } from './create-user.ts';
import { loadUserByEmail, loadUserByUsername } from './find-users.ts';
import type { ImportedUser } from './imported-user.ts';
import { usableName } from './login-services/external-account.ts';
import { defaultRoles, mainEmail, newUser, refuseTaken } from './new-user.ts';
import { recordUserAction, recordUserEdit } from './record-user-action.ts';
import type { RoomHooks } from './room-hooks.ts';
import { applyActiveStatus } from './set-active-status.ts';
import type { User } from './user.ts';
import { MAX_STATUS_TEXT, refuseInvalidUsername, refuseLongTexts } from './user-edit-rules.ts';
import { suggestUsernameFor } from './username-suggestion.ts';
import { refuseBlockedUsername } from './usernames.ts';

const ACTOR = { reason: 'import' };

/** How somebody is taken in. */
export interface ImportedUserOptions {
  /** Newcomers join the default channels, unless they are switched off. */
  joins?: boolean;
  /** A newcomer whose username is not allowed here, or is not free, gets one that is like it. */
  adaptsUsername?: boolean;
  /** Who imports: their own account stays switched on whatever the other system says of it. */
  importer?: string;
}

/**
 * Takes in somebody from another system (spec 32 C.1): an account with the address, or else the username, is brought up to
 * date, otherwise there is a new one. What an account here is entered with (password, addresses, its username) and a picture
 * that it has stay its owner's. `hash` is the bcrypt text of a newcomer's password. `ctx` reads inside the transaction.
 *
 * @throws importer-user-missing-email-and-username, and what is refused of new accounts
 */
export async function importUser(
  ctx: Context,
  rooms: RoomHooks,
  { tx, emit }: WriteScope,
  given: ImportedUser & { hash: string },
  { joins = false, adaptsUsername = false, importer }: ImportedUserOptions = {},
): Promise<User> {
  const email = given.emails.find((address) => address.trim() !== '');
  const username = given.username?.trim() || undefined;
  if (email === undefined && username === undefined) fail('importer-user-missing-email-and-username');
  refuseLongTexts(given);
  const known =
    (email === undefined ? undefined : await loadUserByEmail(tx, email)) ??
    (username === undefined ? undefined : await loadUserByUsername(tx, username));
  if (known)
    return update(
      ctx,
      rooms,
      { tx, emit },
      known,
      known._id === importer ? { ...given, deleted: undefined } : given,
    );

  const isUsable = username !== undefined && (await mayTake(ctx, rooms, username, adaptsUsername));
  await refuseTaken(ctx, tx, rooms, { email });
  const draft = newUser(ctx, {
    username,
    name: usableName(given.name?.trim()) || undefined,
    emails: email === undefined ? [] : [mainEmail(email, false)],
    type: given.type ?? 'user',
    active: !given.deleted,
    inactiveReason: given.deleted ? 'deactivated' : undefined,
    roles: [...new Set([...defaultRoles(ctx), ...(given.roles ?? [])])],
    importIds: given.importIds,
    utcOffset: given.utcOffset,
    bio: given.bio || undefined,
    statusText: statusOf(given),
    pendingAvatarUrl: given.avatarUrl || undefined,
    hasPassword: true,
  });
  const user = {
    ...draft,
    username: isUsable ? username : await suggestUsernameFor(ctx, rooms, draft._id, draft),
  };
  await admitUser(ctx, rooms, tx, emit, {
    user,
    hash: given.hash,
    joins: joins && user.active,
    silent: true,
  });
  const { roles, active } = user;
  await recordUserAction(ctx, tx, ACTOR, { kind: 'user.created', user, data: { roles, active } });
  return user;
}

/** False instead of a refusal, where another username will do. */
async function mayTake(ctx: Context, rooms: RoomHooks, username: string, adapts: boolean): Promise<boolean> {
  try {
    refuseInvalidUsername(ctx, username);
    refuseBlockedUsername(ctx.settings, username);
    await refuseTaken(ctx, ctx.db, rooms, { username });
    return true;
  } catch (error) {
    if (adapts && error instanceof Refusal) return false;
    throw error;
  }
}

async function update(
  ctx: Context,
  rooms: RoomHooks,
  { tx, emit }: WriteScope,
  before: User,
  given: ImportedUser,
): Promise<User> {
  const name = usableName(given.name?.trim());
  const statusText = statusOf(given);
  const set = {
    roles: [...new Set([...before.roles, ...(given.roles ?? [])])],
    importIds: [...new Set([...(before.importIds ?? []), ...given.importIds])],
    ...(given.type === undefined ? {} : { type: given.type }),
    ...(given.utcOffset === undefined ? {} : { utcOffset: given.utcOffset }),
    ...(statusText ? { statusText } : {}),
    ...(given.bio ? { bio: given.bio } : {}),
    ...(given.avatarUrl && !before.avatarOrigin ? { pendingAvatarUrl: given.avatarUrl } : {}),
  };
  const renamed = name ? await renameUser(ctx, rooms, tx, emit, before, { name }, { silent: true }) : before;
  const changed = await changeUser(ctx, tx, emit, { uid: renamed._id, set });
  const after =
    given.deleted === undefined
      ? changed
      : await applyActiveStatus(ctx, rooms, tx, emit, changed, {
          active: !given.deleted,
          confirmRelinquish: true,
        });
  await recordUserEdit(ctx, tx, ACTOR, { before, after, password: false });
  return after;
}

const statusOf = ({ statusText }: ImportedUser): string | undefined =>
  statusText?.trim().slice(0, MAX_STATUS_TEXT) || undefined;
