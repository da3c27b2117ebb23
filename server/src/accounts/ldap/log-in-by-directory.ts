import { type Context, within } from '../../context.ts';
import { changeUser } from '../change-user.ts';
import { findCredentials } from '../credentials.store.ts';
import type { Client } from '../find-users.ts';
import type { LoginForm } from '../login-options.ts';
import { logInWithIdentity } from '../login-services/log-in-with-identity.ts';
import { refreshLogin } from '../login-services/refresh-account.ts';
import type { LoggedIn } from '../open-login.ts';
import { digestOf, hashDigest, isDigestRight } from '../passwords.ts';
import type { RoomHooks } from '../room-hooks.ts';
import type { SecondFactorCode } from '../two-factor.ts';
import type { User } from '../user.ts';
import { describePerson } from './describe-person.ts';
import type { DirectoryPerson } from './directory-person.ts';
import { refreshPictureLater } from './ldap.jobs.ts';

/** Logs in whom the directory has identified by this form (spec 20, `POST login`), and brings their account up to date. */
export async function logInByDirectory(
  ctx: Context,
  rooms: RoomHooks,
  person: DirectoryPerson,
  {
    form,
    factor,
    client,
  }: { form: LoginForm & { type: 'ldap' }; factor: SecondFactorCode | undefined; client: Client },
): Promise<LoggedIn> {
  const loggedIn = await logInWithIdentity(ctx, rooms, await describePerson(ctx, person), {
    factor,
    client,
    type: 'ldap',
    form,
  });
  if (ctx.settings.bool('LDAP_Login_Fallback')) await keepPassword(ctx, loggedIn.user, form.password);
  await refreshPictureLater(ctx, loggedIn.user);
  if (!ctx.settings.bool('LDAP_Update_Data_On_Login')) return loggedIn;
  return refreshLogin(ctx, rooms, loggedIn, person, client);
}

/** For the time when the directory does not answer. */
async function keepPassword(ctx: Context, user: User, password: string): Promise<void> {
  const digest = digestOf(password);
  const known = await findCredentials(ctx.db, { id: user._id });
  if (await isDigestRight(ctx, digest, known?.password_hash)) return;
  const passwordHash = await hashDigest(ctx, digest);
  await ctx.write(async (tx, emit) => {
    await changeUser(within(ctx, tx), tx, emit, { uid: user._id, set: {}, passwordHash });
  });
}
