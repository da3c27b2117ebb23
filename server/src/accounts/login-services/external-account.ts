import { findRole } from '../../admin/roles.ts';
import type { SystemActor } from '../../audit/record.ts';
import { type Context, type WriteScope, within } from '../../context.ts';
import type { Caller } from '../../kernel/caller.ts';
import { commaList } from '../../kernel/comma-list.ts';
import { fail } from '../../kernel/errors.ts';
import type { Tx } from '../../storage/database.ts';
import { mailApprovalNeeded } from '../account-mails.ts';
import { changeUser, type UserChanges } from '../change-user.ts';
import { admitUser, mailNeededVerification } from '../create-user.ts';
import { isEmailShaped, refuseUnwelcomeDomain } from '../emails.ts';
import { type Client, callerFor } from '../find-users.ts';
import { deleteMailTokens } from '../mail-tokens.store.ts';
import { isSafeName } from '../names.ts';
import { factorsOfNewcomer, mainEmail, newUser, refuseTaken } from '../new-user.ts';
import { recordUserAction, recordUserEdit } from '../record-user-action.ts';
import type { RoomHooks } from '../room-hooks.ts';
import { endAllSessions } from '../sessions.ts';
import type { LinkedIdentity, User } from '../user.ts';
import { MAX_NAME } from '../user-edit-rules.ts';
import { isBlockedUsername, isValidUsername } from '../usernames.ts';
import { countUsersWithRole } from '../users.store.ts';
import type { AccountRules, Described, ExternalIdentity } from './external-identity.ts';
import { isUnproven, type Match, matchAccount } from './match-account.ts';

/** The one way in which the identities of other services become accounts (spec 20, "OAuth / SAML / CAS / LDAP surface"). */

/** Who does it, for the audit trail: somebody who logs in, or the server, which synchronizes. */
export type Actor = { client: Client } | SystemActor;

/**
 * The account of an identity, found, linked or made, and with the service's roles. A new one is inactive where newcomers wait
 * for approval. Throws as `matchAccount` and `refuseNewcomer`, and `error-field-unavailable` for a username that is taken.
 */
export async function accountForIdentity(
  ctx: Context,
  rooms: RoomHooks,
  described: Described,
  actor: Actor,
): Promise<User> {
  if (!(await matchAccount(ctx, described))) await refuseNewcomer(ctx, described.identity);
  return ctx.write((tx, emit) => settleIdentity(ctx, rooms, { tx, emit }, described, actor));
}

/**
 * The same inside a transaction. Whoever may be a newcomer has to be let in by `refuseNewcomer` before it begins, because
 * that asks other servers.
 */
export async function settleIdentity(
  ctx: Context,
  rooms: RoomHooks,
  scope: WriteScope,
  described: Described,
  actor: Actor,
): Promise<User> {
  const match = await matchAccount(within(ctx, scope.tx), described);
  const user = match
    ? await linkAccount(ctx, scope, match, described, actor)
    : await createAccount(ctx, rooms, scope, described, actor);
  const synced = await syncRoles(ctx, scope, user, described.identity);
  const { rooms: mapped } = described.identity;
  if (mapped) await rooms.joinMappedRooms(ctx, scope.tx, scope.emit, synced, mapped);
  await recordUserEdit(ctx, scope.tx, actorOf(actor, user), { before: user, after: synced, password: false });
  return synced;
}

/**
 * Whether a newcomer of a service may come in at all. Throws `registration-disabled-authentication-services` and what
 * `refuseUnwelcomeDomain` throws.
 */
export async function refuseNewcomer(ctx: Context, { email }: ExternalIdentity): Promise<void> {
  const { settings } = ctx;
  if (
    !settings.bool('Accounts_Registration_AuthenticationServices_Enabled') &&
    !settings.bool('LDAP_Enable')
  ) {
    fail(
      'registration-disabled-authentication-services',
      'User registration is disabled for authentication services',
    );
  }
  if (email !== undefined) await refuseUnwelcomeDomain(ctx, email);
}

async function createAccount(
  ctx: Context,
  rooms: RoomHooks,
  { tx, emit }: WriteScope,
  { identity, rules }: Described,
  actor: Actor,
): Promise<User> {
  const { settings } = ctx;
  const { email, name, service } = identity;
  const username = rules.givesUsername ? usableUsername(ctx, identity.username) : undefined;
  await refuseTaken(ctx, tx, rooms, { username });
  const active = !settings.bool('Accounts_ManuallyApproveNewUsers');
  const user = newUser(ctx, {
    username,
    name: usableName(name),
    emails: email !== undefined && isEmailShaped(email) ? [mainEmail(email, isTrusted(ctx, identity))] : [],
    roles: await rolesOfNewcomer(ctx, tx, rules),
    active,
    inactiveReason: active ? undefined : 'pending_approval',
    identities: [linkOf(identity)],
    factors: factorsOfNewcomer(ctx),
  });
  await admitUser(ctx, rooms, tx, emit, { user, hash: undefined, joins: true, silent: false });
  const data = { service, roles: user.roles, active };
  await recordUserAction(ctx, tx, actorOf(actor, user), { kind: 'user.created', user, data });
  await mailNeededVerification(ctx, { tx, emit }, user);
  if (!active) await mailApprovalNeeded(ctx, { tx, emit }, user);
  return user;
}

async function rolesOfNewcomer({ settings }: Context, tx: Tx, rules: AccountRules): Promise<string[]> {
  const named = await roleIds(tx, rules.newcomerRoles ?? []);
  if (named.length > 0) return named;
  return commaList(settings.text('Accounts_Registration_AuthenticationServices_Default_Roles') || 'user');
}

/** Whether an address counts as proven: what the service says, or where it says nothing what the administrator does. */
const isTrusted = ({ settings }: Context, { emailVerified }: ExternalIdentity): boolean =>
  emailVerified ?? settings.bool('Accounts_Verify_Email_For_External_Accounts');

export const usableName = (name: string | undefined): string | undefined =>
  name !== undefined && isSafeName(name) ? name.slice(0, MAX_NAME) : undefined;

/** What cannot be a username here is none: its owner chooses another. */
export const usableUsername = ({ settings }: Context, username: string | undefined): string | undefined =>
  username !== undefined && isValidUsername(settings, username) && !isBlockedUsername(settings, username)
    ? username
    : undefined;

async function linkAccount(
  ctx: Context,
  { tx, emit }: WriteScope,
  { user, by }: Match,
  { identity }: Described,
  actor: Actor,
): Promise<User> {
  const uid = user._id;
  const others = (user.identities ?? []).filter(({ service }) => service !== identity.service);
  const identities = [...others, linkOf(identity)];
  if (by === 'identity') return changeUser(ctx, tx, emit, { uid, set: { identities } });

  const { email } = identity;
  const unproven = by === 'email' && email !== undefined && isUnproven(user, email);
  const linked = unproven
    ? await takeOver(ctx, { tx, emit }, user, { ...identity, email })
    : await changeUser(ctx, tx, emit, { uid, set: { identities } });
  await recordUserAction(ctx, tx, actorOf(actor, user), {
    kind: 'user.linked',
    user,
    data: { service: identity.service, by, ...(unproven ? { reset: true } : {}) },
  });
  return linked;
}

/**
 * Somebody proves an address that the account never did: whoever made the account may have been another. So nothing that
 * lets that one in stays: password, sessions, tokens, other addresses and identities, links for a new password.
 */
async function takeOver(
  ctx: Context,
  { tx, emit }: WriteScope,
  user: User,
  identity: ExternalIdentity & { email: string },
): Promise<User> {
  const set: UserChanges = {
    emails: [mainEmail(identity.email, isTrusted(ctx, identity))],
    identities: [linkOf(identity)],
    ...(user.hasPassword ? { requirePasswordChange: true } : {}),
  };
  await deleteMailTokens(tx, user._id, { purpose: 'reset' });
  await endAllSessions(tx, emit, user._id, 'password-changed');
  return changeUser(ctx, tx, emit, {
    uid: user._id,
    set,
    ...(user.hasPassword ? { passwordHash: null } : {}),
  });
}

async function syncRoles(
  ctx: Context,
  { tx, emit }: WriteScope,
  user: User,
  { roles }: ExternalIdentity,
): Promise<User> {
  if (!roles) return user;
  const give = await roleIds(tx, roles.give);
  // Nobody comes in without a role.
  if (roles.take === 'all' && give.length === 0) return user;
  const take = new Set(roles.take === 'all' ? user.roles : await roleIds(tx, roles.take));
  const wanted = new Set([...user.roles.filter((role) => !take.has(role)), ...give]);
  const losesAdmin = user.roles.includes('admin') && !wanted.has('admin');
  // The workspace keeps its last administrator, whatever a service says.
  if (losesAdmin && (await countUsersWithRole(tx, 'admin', { active: true })) <= 1) wanted.add('admin');
  return changeUser(ctx, tx, emit, { uid: user._id, set: { roles: [...wanted] } });
}

/** Of those that exist, each once. */
async function roleIds(tx: Tx, names: readonly string[]): Promise<string[]> {
  const found = await Promise.all(names.map((name) => findRole(tx, name)));
  return [...new Set(found.flatMap((role) => (role ? [role._id] : [])))];
}

const linkOf = ({ service, id, username, picture }: ExternalIdentity): LinkedIdentity => ({
  service,
  id,
  ...(username === undefined ? {} : { username }),
  ...(picture === undefined ? {} : { picture }),
});

const actorOf = (actor: Actor, user: User): Caller | SystemActor =>
  'client' in actor ? callerFor(user, actor.client) : actor;
