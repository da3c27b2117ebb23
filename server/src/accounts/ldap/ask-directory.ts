import type { Context } from '../../context.ts';
import { type Directory, DirectoryFailure, withDirectory } from './directory.ts';
import type { DirectoryPerson } from './directory-person.ts';

/** Somebody whose password is right; that nobody has this name and password; or that the directory could not say. */
export type DirectoryAnswer = DirectoryPerson | 'refused' | 'unavailable';

/** Asks the directory whose name and password this is. */
export async function askDirectory(ctx: Context, name: string, password: string): Promise<DirectoryAnswer> {
  try {
    return await withDirectory(ctx, (directory) => identify(ctx, directory, name, password));
  } catch (error) {
    reportFailure(ctx, error);
    return 'unavailable';
  }
}

/** Whether the directory answers at all. */
export async function isDirectoryThere(ctx: Context): Promise<boolean> {
  try {
    await withDirectory(ctx, (directory) => directory.ping());
    return true;
  } catch (error) {
    reportFailure(ctx, error);
    return false;
  }
}

async function identify(
  ctx: Context,
  directory: Directory,
  name: string,
  password: string,
): Promise<DirectoryAnswer> {
  // A bind without a password proves nothing, and many directories accept it.
  if (password === '' || name.trim() === '') return 'refused';
  const [person, ...others] = await directory.findNamed(name);
  if (!person) return 'refused';
  if (others.length > 0) {
    ctx.log.warn({ name }, 'several people in the LDAP directory log in by one name');
    return 'refused';
  }
  if (person.ids.length === 0) {
    ctx.log.warn({ dn: person.dn }, 'the LDAP entry has no attribute of LDAP_Unique_Identifier_Field');
    return 'refused';
  }
  if (!(await directory.isInGroup(person))) return 'refused';
  if (!(await directory.isPasswordRight(person.dn, password))) return 'refused';
  const mustSeeItself = ctx.settings.bool('LDAP_Find_User_After_Login');
  return mustSeeItself && !(await directory.sees(person.dn)) ? 'refused' : person;
}

function reportFailure(ctx: Context, error: unknown): void {
  if (!(error instanceof DirectoryFailure)) throw error;
  ctx.log.warn({ reason: error.message }, 'the LDAP directory could not be asked');
}
