import { expect } from 'vitest';
import type { Db } from '../../src/storage/database.ts';

/**
 * What must hold in every database whatever happened before, read straight from the tables: counters equal what they
 * count, indexes equal the documents they are made from, nothing belongs to something that is gone.
 */
export async function checkInvariants({ server }: { server: { ctx: { db: Db } } }): Promise<void> {
  const tables = await load(server.ctx.db);
  expect({
    counters: wrongCounters(tables),
    roles: wrongRoles(tables),
    duplicates: duplicateMemberships(tables),
    teams: wrongTeams(tables),
    orphans: orphans(tables),
    types: wrongTypes(tables),
  }).toEqual({ counters: [], roles: [], duplicates: [], teams: [], orphans: [], types: [] });
}

async function load(db: Db) {
  const [rooms, subscriptions, roomRoles, teams, teamMembers, users, messages, mentions, stars] =
    await Promise.all([
      db.selectFrom('rooms').selectAll().execute(),
      db.selectFrom('subscriptions').selectAll().execute(),
      db.selectFrom('room_roles').selectAll().execute(),
      db.selectFrom('teams').selectAll().execute(),
      db.selectFrom('team_members').selectAll().execute(),
      db.selectFrom('users').select('id').execute(),
      db.selectFrom('messages').select(['id', 'rid', 'hidden', 't']).execute(),
      db.selectFrom('message_mentions').selectAll().execute(),
      db.selectFrom('message_stars').selectAll().execute(),
    ]);
  return { rooms, subscriptions, roomRoles, teams, teamMembers, users, messages, mentions, stars };
}

type Tables = Awaited<ReturnType<typeof load>>;

/**
 * `users_count` is the number of active memberships, `msgs` that of visible messages; what is left of a deleted message
 * (`rm`) is seen but not counted (spec 30 §6 `chat.delete`).
 */
function wrongCounters({ rooms, subscriptions, messages }: Tables): string[] {
  const members = countBy(
    subscriptions.filter((row) => row.status === null),
    (row) => row.rid,
  );
  const visible = countBy(
    messages.filter((row) => row.hidden === 0 && row.t !== 'rm'),
    (row) => row.rid,
  );
  return rooms.flatMap((room) => {
    const wrong: string[] = [];
    const has = members.get(room.id) ?? 0;
    const shows = visible.get(room.id) ?? 0;
    if (room.users_count !== has)
      wrong.push(`${label(room)}: users_count ${room.users_count}, members ${has}`);
    if (room.msgs !== shows) wrong.push(`${label(room)}: msgs ${room.msgs}, visible messages ${shows}`);
    return wrong;
  });
}

/** `room_roles` says the same as the roles in the memberships; a ban leaves none. */
function wrongRoles({ subscriptions, roomRoles }: Tables): string[] {
  const inRows = subscriptions.flatMap((row) =>
    (JSON.parse(row.roles) as string[]).map((role) => `${row.rid} ${row.uid} ${role}`),
  );
  const inIndex = roomRoles.map((row) => `${row.rid} ${row.uid} ${row.role}`);
  const banned = subscriptions.filter((row) => row.status === 'BANNED' && row.roles !== '[]');
  return [
    ...difference(inRows, inIndex).map((role) => `not in the index: ${role}`),
    ...difference(inIndex, inRows).map((role) => `only in the index: ${role}`),
    ...banned.map((row) => `banned with roles: ${row.rid} ${row.uid}`),
  ];
}

function duplicateMemberships({ subscriptions }: Tables): string[] {
  const counts = countBy(subscriptions, (row) => `${row.rid} ${row.uid}`);
  return [...counts].filter(([, count]) => count > 1).map(([pair]) => pair);
}

/** The members of a team are those of its main room; a room's team exists. */
function wrongTeams({ teams, teamMembers, rooms, subscriptions }: Tables): string[] {
  const wrong: string[] = [];
  for (const team of teams) {
    const main = rooms.find((room) => room.id === team.room_id);
    if (main?.team_id !== team.id || main.team_main !== 1) wrong.push(`team ${team.name} has no main room`);
    const inTeam = teamMembers.filter((row) => row.team_id === team.id).map((row) => row.uid);
    const inRoom = subscriptions
      .filter((row) => row.rid === team.room_id && row.status === null)
      .map((row) => row.uid);
    for (const uid of difference(inTeam, inRoom)) wrong.push(`${uid} only in team ${team.name}`);
    for (const uid of difference(inRoom, inTeam)) wrong.push(`${uid} only in the main room of ${team.name}`);
    if (main && main.name !== team.name) wrong.push(`team ${team.name} and its room ${main.name}`);
    if (main && (main.t === 'p') !== (team.type === 1))
      wrong.push(`team ${team.name} and the type of its room`);
  }
  const ids = new Set(teams.map((team) => team.id));
  for (const room of rooms) {
    if (room.team_id !== null && !ids.has(room.team_id)) wrong.push(`${label(room)} of a team that is gone`);
  }
  return wrong;
}

function orphans(tables: Tables): string[] {
  const rooms = new Set(tables.rooms.map((row) => row.id));
  const users = new Set(tables.users.map((row) => row.id));
  const teams = new Set(tables.teams.map((row) => row.id));
  const messages = new Set(tables.messages.map((row) => row.id));
  const lost = <T>(what: string, rows: readonly T[], ...refs: [(row: T) => string, Set<string>][]) =>
    rows.flatMap((row) =>
      refs
        .filter(([ref, known]) => !known.has(ref(row)))
        .map(([ref]) => `${what} of ${ref(row)}, which is gone`),
    );
  return [
    ...lost('membership', tables.subscriptions, [(row) => row.rid, rooms], [(row) => row.uid, users]),
    ...lost('room role', tables.roomRoles, [(row) => row.rid, rooms], [(row) => row.uid, users]),
    ...lost('team membership', tables.teamMembers, [(row) => row.team_id, teams], [(row) => row.uid, users]),
    ...lost('team', tables.teams, [(row) => row.room_id, rooms]),
    ...lost('message', tables.messages, [(row) => row.rid, rooms]),
    ...lost('mention', tables.mentions, [(row) => row.mid, messages]),
    ...lost('star', tables.stars, [(row) => row.mid, messages]),
  ];
}

/** The type of a membership is that of its room. */
function wrongTypes({ rooms, subscriptions }: Tables): string[] {
  const types = new Map(rooms.map((room) => [room.id, room.t]));
  return subscriptions.filter((row) => types.get(row.rid) !== row.t).map((row) => `membership ${row.id}`);
}

function countBy<T>(rows: readonly T[], key: (row: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(key(row), (counts.get(key(row)) ?? 0) + 1);
  return counts;
}

function difference(left: readonly string[], right: readonly string[]): string[] {
  const known = new Set(right);
  return left.filter((item) => !known.has(item));
}

const label = (room: { id: string; t: string; name: string | null }) => `${room.t} ${room.name ?? room.id}`;
