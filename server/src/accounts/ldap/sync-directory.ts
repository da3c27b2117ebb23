import type { SystemActor } from '../../audit/record.ts';
import type { Context } from '../../context.ts';
import { Refusal } from '../../kernel/errors.ts';
import { loadUser, withEmails } from '../find-users.ts';
import { accountForIdentity } from '../login-services/external-account.ts';
import { matchAccount } from '../login-services/match-account.ts';
import { refreshAccount } from '../login-services/refresh-account.ts';
import { recordUserAction } from '../record-user-action.ts';
import type { RoomHooks } from '../room-hooks.ts';
import { applyActiveStatus } from '../set-active-status.ts';
import { LDAP, type User } from '../user.ts';
import { describePerson } from './describe-person.ts';
import { type Directory, DirectoryFailure, withDirectory } from './directory.ts';
import { type DirectoryId, type DirectoryPerson, idText, parseId } from './directory-person.ts';
import { followsPictures, refreshPicture, type SetPicture } from './directory-picture.ts';
import { linkedIds, pageOfLinkedUsers } from './directory-users.store.ts';

/** What a synchronization did, in accounts. */
export interface SyncReport {
  seen: number;
  enabled: number;
  disabled: number;
  /** Made or linked. */
  added: number;
  /** Of newcomers who could not get an account, for example because the username is taken. */
  refused: number;
}

const SYNC: SystemActor = { reason: 'LDAP synchronization' };
/** Accounts that the directory is asked about at once. */
const AT_ONCE = 100;

interface Run {
  ctx: Context;
  rooms: RoomHooks;
  setPicture: SetPicture;
  directory: Directory;
  signal: AbortSignal;
  report: SyncReport;
}

/**
 * Brings accounts and directory together as the settings want it: first those who have an account, then newcomers. Neither
 * all accounts nor all of the directory are ever in memory. Throws `DirectoryFailure`, and when `signal` is aborted.
 */
export async function syncDirectory(
  ctx: Context,
  { rooms, setPicture }: { rooms: RoomHooks; setPicture: SetPicture },
  signal: AbortSignal,
): Promise<SyncReport> {
  return withDirectory(ctx, async (directory) => {
    const report: SyncReport = { seen: 0, enabled: 0, disabled: 0, added: 0, refused: 0 };
    const run = { ctx, rooms, setPicture, directory, signal, report };
    // A wrong filter, or a directory that shows nothing to us, must not switch everybody off.
    if (!(await directory.hasPeople())) throw new DirectoryFailure('the directory shows nobody');
    await syncAccounts(run);
    await addNewcomers(run);
    return report;
  });
}

async function syncAccounts(run: Run): Promise<void> {
  const { ctx, directory, signal } = run;
  let after = '';
  for (;;) {
    signal.throwIfAborted();
    const rows = await pageOfLinkedUsers(ctx.db, LDAP, { after, limit: AT_ONCE });
    const users = await withEmails(ctx.db, rows);
    const last = users.at(-1);
    if (!last) return;
    const people = await directory.findIdentified(users.map(idOf));
    const byId = new Map(people.flatMap((person) => person.ids.map((id) => [idText(id), person] as const)));
    for (const user of users) await syncAccount(run, user, byId.get(idText(idOf(user))));
    after = idText(idOf(last));
  }
}

async function syncAccount(run: Run, user: User, person: DirectoryPerson | undefined): Promise<void> {
  const { ctx, rooms, report } = run;
  report.seen += 1;
  const wanted = wantedState(ctx, user, person);
  if (wanted !== user.active && (await switchAccount(run, user, wanted))) {
    report[wanted ? 'enabled' : 'disabled'] += 1;
  }
  if (person && ctx.settings.bool('LDAP_Background_Sync_Keep_Existant_Users_Updated')) {
    const refreshed = await refreshAccount(ctx, rooms, user, person, SYNC);
    if (wanted) await syncPicture(run, refreshed, person);
  }
}

async function syncPicture(run: Run, user: User, person: DirectoryPerson): Promise<void> {
  const { ctx, setPicture, directory } = run;
  if (followsPictures(ctx)) await refreshPicture(ctx, setPicture, directory, { user, person });
}

/** Whether the account should be active. Who waits for approval goes on waiting. */
function wantedState({ settings }: Context, user: User, person: DirectoryPerson | undefined): boolean {
  if (!person) return user.active && !settings.bool('LDAP_Background_Sync_Disable_Missing_Users');
  const follows = settings.text('LDAP_Sync_User_Active_State');
  if (person.isLocked) return user.active && follows !== 'disable' && follows !== 'both';
  const mayEnable =
    (follows === 'enable' || follows === 'both') && user.inactiveReason !== 'pending_approval';
  return user.active || mayEnable;
}

/** False when the workspace would be without an administrator. */
async function switchAccount({ ctx, rooms }: Run, { _id: uid }: User, active: boolean): Promise<boolean> {
  try {
    await ctx.write(async (tx, emit) => {
      const user = await loadUser(tx, uid);
      if (!user) return;
      await applyActiveStatus(ctx, rooms, tx, emit, user, { active, confirmRelinquish: true });
      const kind = active ? 'user.activated' : 'user.deactivated';
      await recordUserAction(ctx, tx, SYNC, { kind, user });
    });
    return true;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    ctx.log.warn(
      { uid, reason: error.message },
      'an account was not switched as the LDAP directory wants it',
    );
    return false;
  }
}

async function addNewcomers(run: Run): Promise<void> {
  const { ctx, directory, signal, report } = run;
  const adds = ctx.settings.bool('LDAP_Background_Sync_Import_New_Users');
  const merges = ctx.settings.bool('LDAP_Background_Sync_Merge_Existent_Users');
  if (!adds && !merges) return;
  const limit = ctx.settings.int('LDAP_Search_Size_Limit') || Number.POSITIVE_INFINITY;
  let read = 0;
  for await (const page of directory.pages()) {
    signal.throwIfAborted();
    const known = await linkedIds(
      ctx.db,
      LDAP,
      page.flatMap((person) => person.ids.map(idText)),
    );
    for (const person of page) {
      read += 1;
      if (read > limit) {
        ctx.log.warn({ limit }, 'the LDAP directory has more people than LDAP_Search_Size_Limit');
        return;
      }
      if (person.ids.length === 0 || person.isLocked) continue;
      if (person.ids.some((id) => known.has(idText(id)))) continue;
      const outcome = await addNewcomer(run, person, { adds, merges });
      if (outcome) report[outcome] += 1;
    }
  }
}

/** As their first login would. Undefined where the settings do not want it. */
async function addNewcomer(
  run: Run,
  person: DirectoryPerson,
  { adds, merges }: { adds: boolean; merges: boolean },
): Promise<'added' | 'refused' | undefined> {
  const { ctx, rooms, directory } = run;
  if (!(await directory.isInGroup(person))) return undefined;
  const { identity, rules } = await describePerson(ctx, person);
  const described = { identity, rules: merges ? rules : { ...rules, mergeBy: undefined } };
  try {
    const match = await matchAccount(ctx, described);
    if (!(match ? merges : adds)) return undefined;
    const user = await accountForIdentity(ctx, rooms, described, SYNC);
    await syncPicture(run, user, person);
    return 'added';
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    ctx.log.info({ dn: person.dn, reason: error.message }, 'somebody in the LDAP directory got no account');
    return 'refused';
  }
}

/** Everybody on a page of linked users has one. */
const idOf = ({ identities = [] }: User): DirectoryId =>
  parseId(identities.find(({ service }) => service === LDAP)?.id ?? '');
