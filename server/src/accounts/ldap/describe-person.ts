import type { Context } from '../../context.ts';
import { loadUserByIdentity } from '../find-users.ts';
import type { Described } from '../login-services/external-identity.ts';
import { LDAP } from '../user.ts';
import { type DirectoryPerson, idText } from './directory-person.ts';

/**
 * Somebody in the directory as every other service would describe them. Of several ids it is the one that an account is
 * linked by, so that accounts are found again after `LDAP_Unique_Identifier_Field` was changed.
 */
export async function describePerson(ctx: Context, person: DirectoryPerson): Promise<Described> {
  const { username, name, email } = person;
  const ids = person.ids.map(idText);
  const known = await firstKnown(ctx, ids);
  return {
    identity: { service: LDAP, id: known ?? ids[0] ?? '', username, name, email },
    rules: {
      mergeBy: ctx.settings.bool('LDAP_Merge_Existing_Users') ? 'username' : undefined,
      givesUsername: true,
    },
  };
}

async function firstKnown(ctx: Context, ids: readonly string[]): Promise<string | undefined> {
  for (const id of ids) if (await loadUserByIdentity(ctx.db, { service: LDAP, id })) return id;
  return undefined;
}
