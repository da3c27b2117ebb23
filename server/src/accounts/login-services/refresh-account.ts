import type { Actor } from '../../audit/record.ts';
import { type Context, within } from '../../context.ts';
import type { Db } from '../../storage/database.ts';
import { changeUser } from '../change-user.ts';
import { renameUser } from '../choose-username.ts';
import { isEmailShaped } from '../emails.ts';
import { type Client, callerFor, loadUser } from '../find-users.ts';
import { mainEmail } from '../new-user.ts';
import type { LoggedIn } from '../open-login.ts';
import { recordUserEdit } from '../record-user-action.ts';
import type { RoomHooks } from '../room-hooks.ts';
import { type Email, emailKey, type User } from '../user.ts';
import { isUsernameTaken } from '../usernames.ts';
import { isEmailKeyTaken } from '../users.store.ts';
import { usableName, usableUsername } from './external-account.ts';
import type { ExternalIdentity } from './external-identity.ts';

interface Refreshed {
  username?: string;
  name?: string;
  emails?: Email[];
}

/** What of a person follows the service. */
export type Told = Pick<ExternalIdentity, 'username' | 'name' | 'email'>;

/** Brings the account of somebody who has just logged in up to date. */
export async function refreshLogin(
  ctx: Context,
  rooms: RoomHooks,
  loggedIn: LoggedIn,
  told: Told,
  client: Client,
): Promise<LoggedIn> {
  const user = await refreshAccount(ctx, rooms, loggedIn.user, told, loggedIn.caller);
  const { tokenHash } = loggedIn.caller;
  return { ...loggedIn, user, caller: { ...callerFor(user, client), tokenHash } };
}

/**
 * Carries what a service says of somebody into their account: username, name and main address. What does not suit, or
 * belongs to somebody else, stays as it is. Returns the account as it is then.
 */
export async function refreshAccount(
  ctx: Context,
  rooms: RoomHooks,
  user: User,
  person: Told,
  actor: Actor,
): Promise<User> {
  // Most of the time nothing has changed, and nothing is to be written.
  if (isEmpty(await differences(ctx, rooms, ctx.db, user, person))) return user;
  return ctx.write(async (tx, emit) => {
    const before = await loadUser(tx, user._id);
    if (!before) return user;
    const inside = within(ctx, tx);
    const { emails, ...names } = await differences(inside, rooms, tx, before, person);
    await renameUser(inside, rooms, tx, emit, before, names);
    const after = await changeUser(inside, tx, emit, { uid: user._id, set: emails ? { emails } : {} });
    await recordUserEdit(inside, tx, actor, { before, after, password: false });
    return after;
  });
}

async function differences(
  ctx: Context,
  rooms: RoomHooks,
  db: Db,
  user: User,
  person: Told,
): Promise<Refreshed> {
  const { _id: uid } = user;
  const name = usableName(person.name);
  const username = usableUsername(ctx, person.username);
  const renamed =
    username !== undefined &&
    username !== user.username &&
    !(await isUsernameTaken(ctx, db, rooms, username, uid));
  const emails = await emailsAfter(ctx, db, user, person.email);
  return {
    ...(renamed ? { username } : {}),
    ...(name !== undefined && name !== user.name ? { name } : {}),
    ...(emails ? { emails } : {}),
  };
}

/** With the address of the service in front, in place of the one that was there. */
async function emailsAfter(
  ctx: Context,
  db: Db,
  { _id: uid, emails }: User,
  address: string | undefined,
): Promise<Email[] | undefined> {
  if (address === undefined || !isEmailShaped(address)) return undefined;
  const key = emailKey(address);
  const [first, ...others] = emails;
  if (first && emailKey(first.address) === key) return undefined;
  if (await isEmailKeyTaken(db, key, uid)) return undefined;
  const main = mainEmail(address, ctx.settings.bool('Accounts_Verify_Email_For_External_Accounts'));
  return [main, ...others.filter((entry) => emailKey(entry.address) !== key)];
}

const isEmpty = (refreshed: Refreshed): boolean => Object.keys(refreshed).length === 0;
