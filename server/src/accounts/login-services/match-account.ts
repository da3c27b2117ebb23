import type { Context } from '../../context.ts';
import { fail } from '../../kernel/errors.ts';
import { loadUserByEmail, loadUserByIdentity, loadUserByUsername } from '../find-users.ts';
import { emailKey, type User } from '../user.ts';
import type { Described, ExternalIdentity } from './external-identity.ts';

/** The account of an identity, and what says so. */
export interface Match {
  user: User;
  by: 'identity' | 'email' | 'username';
}

/**
 * Whose account an identity is (spec 20, "Account linking"); undefined for a newcomer. Whoever may call themselves anything
 * at a service must not get at an account by that: an address finds an account only where the service has proven it, or the
 * administrator takes the service's word. Throws 403 where the address belongs to an account that is not theirs.
 */
export async function matchAccount(ctx: Context, { identity, rules }: Described): Promise<Match | undefined> {
  const known = await loadUserByIdentity(ctx.db, identity);
  if (known) return { user: known, by: 'identity' };

  const { email, username } = identity;
  const byEmail = email === undefined ? undefined : await loadUserByEmail(ctx.db, email);
  const onItsWord = rules.mergeBy === 'email' && identity.emailVerified !== false;
  if (byEmail && (identity.emailVerified || onItsWord)) return linkable(byEmail, 'email');
  if (rules.mergeBy === 'username' && username !== undefined) {
    const byUsername = await loadUserByUsername(ctx.db, username);
    if (byUsername) return linkable(byUsername, 'username');
  }
  if (byEmail) fail(403, 'Email already exists.');
  return undefined;

  function linkable(user: User, by: Match['by']): Match {
    if (!rules.mergeLinked && belongsToAnother(user, identity, by)) {
      fail(403, 'The account is linked to another identity.');
    }
    // Bots have no owner who could prove anything.
    if (user.type !== 'user') fail(403, 'The account cannot be linked.');
    return { user, by };
  }
}

/** A proven address is enough for a second service, but two people at one service are two people. */
const belongsToAnother = (
  { identities = [] }: User,
  { service, emailVerified }: ExternalIdentity,
  by: Match['by'],
): boolean =>
  by === 'email' && emailVerified
    ? identities.some((linked) => linked.service === service)
    : identities.length > 0;

/** Whether the account has the address, and has not proven it. */
export const isUnproven = ({ emails }: User, address: string): boolean =>
  emails.some((entry) => emailKey(entry.address) === emailKey(address) && !entry.verified);
