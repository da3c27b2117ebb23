import type { Context } from '../../context.ts';
import type { Caller } from '../../kernel/caller.ts';
import { refuse } from '../../kernel/errors.ts';
import { type Directory, DirectoryFailure, withDirectory } from './directory.ts';

/**
 * An administrator tries the settings of the connection (spec 23, "Administration"). Throws `error-not-authorized`,
 * `LDAP_disabled`, `Connection_failed`; why it failed is in the log.
 */
export async function tryDirectory(ctx: Context, caller: Caller): Promise<void> {
  await asAdministrator(ctx, caller, (directory) => directory.ping());
}

/** Also looks for somebody. Throws `LDAP_User_Not_Found` on top. */
export async function trySearch(ctx: Context, caller: Caller, username: string): Promise<void> {
  const found = await asAdministrator(ctx, caller, (directory) => directory.findNamed(username));
  if (found.length === 0) refuse('LDAP_User_Not_Found');
}

async function asAdministrator<T>(
  ctx: Context,
  caller: Caller,
  work: (directory: Directory) => Promise<T>,
): Promise<T> {
  if (!ctx.permissions.has(caller, 'test-admin-options')) refuse('error-not-authorized');
  if (!ctx.settings.bool('LDAP_Enable')) refuse('LDAP_disabled');
  try {
    return await withDirectory(ctx, work);
  } catch (error) {
    if (!(error instanceof DirectoryFailure)) throw error;
    ctx.log.warn({ reason: error.message }, 'the LDAP directory could not be asked');
    return refuse('Connection_failed');
  }
}
