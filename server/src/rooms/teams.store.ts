import { newId } from '../kernel/ids.ts';
import type { Db, Tx } from '../storage/database.ts';
import { parseDoc } from '../storage/json.ts';
import type { TeamRow } from '../storage/schema.ts';

/** SQL of teams and their members. Type 0 is public, 1 is private (spec 11 §1.3). */

export function teamById(db: Db, id: string): Promise<TeamRow | undefined> {
  return db.selectFrom('teams').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Team names share one namespace with usernames; compared ignoring case. */
export function teamByName(db: Db, name: string): Promise<TeamRow | undefined> {
  return db.selectFrom('teams').selectAll().where('name_key', '=', name.toLowerCase()).executeTakeFirst();
}

export async function isTeamMember(db: Db, teamId: string, uid: string): Promise<boolean> {
  const row = await db
    .selectFrom('team_members')
    .select('id')
    .where('team_id', '=', teamId)
    .where('uid', '=', uid)
    .executeTakeFirst();
  return row !== undefined;
}

export async function teamMemberIds(db: Db, teamId: string): Promise<string[]> {
  const rows = await db.selectFrom('team_members').select('uid').where('team_id', '=', teamId).execute();
  return rows.map((row) => row.uid);
}

export async function insertTeam(tx: Tx, team: TeamRow): Promise<void> {
  await tx.insertInto('teams').values(team).execute();
}

/** Adds members that are not there yet. */
export async function addTeamMembers(
  tx: Tx,
  teamId: string,
  members: readonly { uid: string; roles: readonly string[] }[],
  createdBy: { _id: string; username: string },
  at: number,
): Promise<void> {
  const rows = members.map((member) => ({
    id: newId(),
    team_id: teamId,
    uid: member.uid,
    roles: JSON.stringify(member.roles),
    created_at: at,
    updated_at: at,
    created_by: JSON.stringify(createdBy),
  }));
  for (let start = 0; start < rows.length; start += 200) {
    await tx
      .insertInto('team_members')
      .values(rows.slice(start, start + 200))
      .onConflict((conflict) => conflict.columns(['team_id', 'uid']).doNothing())
      .execute();
  }
}

export async function removeTeamMember(tx: Tx, teamId: string, uid: string): Promise<void> {
  await tx.deleteFrom('team_members').where('team_id', '=', teamId).where('uid', '=', uid).execute();
}

export async function teamMemberRoles(db: Db, teamId: string, uid: string): Promise<string[] | undefined> {
  const row = await db
    .selectFrom('team_members')
    .select('roles')
    .where('team_id', '=', teamId)
    .where('uid', '=', uid)
    .executeTakeFirst();
  return row && parseDoc<string[]>(row.roles);
}

export async function setTeamMemberRoles(
  tx: Tx,
  teamId: string,
  uid: string,
  roles: readonly string[],
  at: number,
) {
  await tx
    .updateTable('team_members')
    .set({ roles: JSON.stringify(roles), updated_at: at })
    .where('team_id', '=', teamId)
    .where('uid', '=', uid)
    .execute();
}

export async function renameTeam(tx: Tx, id: string, name: string, at: number): Promise<void> {
  await tx
    .updateTable('teams')
    .set({ name, name_key: name.toLowerCase(), updated_at: at })
    .where('id', '=', id)
    .execute();
}

export async function setTeamType(tx: Tx, id: string, type: 0 | 1, at: number): Promise<void> {
  await tx.updateTable('teams').set({ type, updated_at: at }).where('id', '=', id).execute();
}

/** Removes the team and its memberships. */
export async function deleteTeam(tx: Tx, id: string): Promise<void> {
  await tx.deleteFrom('team_members').where('team_id', '=', id).execute();
  await tx.deleteFrom('teams').where('id', '=', id).execute();
}
