import type { RoomDetails, RoomRetention } from '../rooms/room.ts';
import { insertRoom, updateRoom } from '../rooms/rooms.store.ts';
import { insertTeam } from '../rooms/teams.store.ts';
import type { Doc } from './bson-documents.ts';
import {
  flagOf,
  isDoc,
  isFlag,
  isNumber,
  isText,
  isTexts,
  members,
  partOf,
  partsOf,
  textOf,
  textsOf,
  timeOf,
} from './fields.ts';
import { freeName } from './free-name.ts';
import { setParentRoom } from './moved-rows.store.ts';
import { CAT, type KnownRoom, NOT_OURS, type Taking } from './taking.ts';

const ROOMS = 'rocketchat_room';
const TEAMS = 'rocketchat_team';

/** What a room shows and nobody searches, under its names on the wire. */
const DETAILS = {
  topic: isText,
  description: isText,
  announcement: isText,
  announcementDetails: isDoc,
  customFields: isDoc,
  muted: isTexts,
  unmuted: isTexts,
  broadcast: isFlag,
  encrypted: isFlag,
  reactWhenReadOnly: isFlag,
  favorite: isFlag,
  featured: isFlag,
  e2eKeyId: isText,
  importIds: isTexts,
};
const RETENTION = {
  enabled: isFlag,
  maxAge: isNumber,
  filesOnly: isFlag,
  excludePinned: isFlag,
  ignoreThreads: isFlag,
  overrideGlobal: isFlag,
};

interface Discussion {
  rid: string;
  parent: string;
}

/** Channels, groups and direct rooms; how many messages and members they have is counted later (spec 32 D.4). */
export async function takeRooms(taking: Taking): Promise<void> {
  const { dump, report, rooms } = taking;
  const teams = await knownTeams(taking);
  let membersOfDirect: Map<string, string[]> | undefined;
  const uidsOf = async (rid: string, doc: Doc) => {
    const uids = textsOf(doc, 'uids');
    if (uids.length > 0) return [...new Set(uids)];
    membersOfDirect ??= await membersOfDirectRooms(taking);
    return [...new Set(membersOfDirect.get(rid))];
  };
  const names = new Set<string>();
  const discussions: Discussion[] = [];
  for await (const doc of dump.documents(ROOMS)) {
    const id = textOf(doc, '_id');
    const type = doc.t;
    if (type !== 'c' && type !== 'p' && type !== 'd') report.left(ROOMS, NOT_OURS);
    else if (id === undefined || rooms.has(id))
      report.left(ROOMS, id ? 'twice in the dump' : 'without an id');
    else {
      const uids = type === 'd' ? await uidsOf(id, doc) : [];
      if (type === 'd' && (uids.length === 0 || uids.some((uid) => !taking.users.has(uid)))) {
        report.left(ROOMS, 'direct rooms with somebody who is gone');
        continue;
      }
      const teamId = textOf(doc, 'teamId');
      const room: KnownRoom = {
        type,
        name: type === 'd' ? null : freeRoomName(taking, textOf(doc, 'name') ?? id, names),
        updatedAt: timeOf(doc, '_updatedAt') ?? taking.now,
        teamId: teamId !== undefined && teams.has(teamId) ? teamId : null,
        uids,
      };
      await insert(taking, id, doc, room);
      rooms.set(id, room);
      const parent = textOf(doc, 'prid');
      if (parent !== undefined) discussions.push({ rid: id, parent });
      report.taken(ROOMS);
    }
  }
  await nestDiscussions(taking, discussions);
  await insertTeams(taking, teams);
}

async function insert(
  taking: Taking,
  id: string,
  doc: Doc,
  { type, name, updatedAt, teamId, uids }: KnownRoom,
): Promise<void> {
  const { tx, users, now } = taking;
  const creator = textOf(partOf(doc, 'u') ?? {}, '_id') ?? uids[0] ?? CAT._id;
  const usernames = uids.map((uid) => users.get(uid)?.username ?? uid);
  const retention = partOf(doc, 'retention');
  const waiting = waitingForKeys(taking, doc);
  const details: RoomDetails = {
    ...(members(doc, DETAILS) as Partial<RoomDetails>),
    u: users.get(creator) ?? { _id: creator, username: textOf(partOf(doc, 'u') ?? {}, 'username') ?? '' },
    ...(doc.sysMes === true || isTexts(doc.sysMes) ? { sysMes: doc.sysMes as true | string[] } : {}),
    ...(retention ? { retention: members(retention, RETENTION) as RoomRetention } : {}),
    ...(waiting.length > 0 ? { usersWaitingForE2EKeys: waiting } : {}),
    ...(type === 'd' ? { uids: [...uids], usernames } : {}),
  };
  await insertRoom(tx, {
    id,
    t: type,
    name,
    fname: type === 'd' ? null : (textOf(doc, 'fname') ?? name),
    creator_id: creator,
    ts: timeOf(doc, 'ts') ?? now,
    updated_at: updatedAt,
    msgs: 0,
    users_count: 0,
    lm: null,
    last_message: null,
    archived: Number(flagOf(doc, 'archived')),
    ro: Number(flagOf(doc, 'ro')),
    is_default: Number(flagOf(doc, 'default')),
    team_id: teamId,
    team_main: Number(teamId !== null && flagOf(doc, 'teamMain')),
    prid: null,
    join_code: flagOf(doc, 'joinCodeRequired') ? (textOf(doc, 'joinCode') ?? null) : null,
    doc: JSON.stringify(details),
  });
  const featured = details.featured === true;
  const teamDefault = teamId !== null && typeof doc.teamDefault === 'boolean' ? doc.teamDefault : undefined;
  if (featured || teamDefault !== undefined)
    await updateRoom(tx, id, updatedAt, { details, ...(teamDefault === undefined ? {} : { teamDefault }) });
}

function waitingForKeys({ users, now }: Taking, doc: Doc): { userId: string; ts: string }[] {
  return partsOf(doc, 'usersWaitingForE2EKeys').flatMap((one) => {
    const userId = textOf(one, 'userId') ?? '';
    return users.has(userId) ? [{ userId, ts: new Date(timeOf(one, 'ts') ?? now).toISOString() }] : [];
  });
}

/** Names are those of all rooms, but old workspaces may have one twice. */
function freeRoomName({ report }: Taking, wanted: string, names: Set<string>): string {
  const free = freeName(wanted, names);
  if (free !== wanted) report.note('names of rooms that another one has: got a number');
  return free;
}

/** Old direct rooms do not say who is in them. */
async function membersOfDirectRooms({ dump }: Taking): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for await (const doc of dump.documents('rocketchat_subscription')) {
    const [rid, uid] = [textOf(doc, 'rid'), textOf(partOf(doc, 'u') ?? {}, '_id')];
    if (doc.t !== 'd' || rid === undefined || uid === undefined) continue;
    found.set(rid, [...(found.get(rid) ?? []), uid]);
  }
  return found;
}

async function nestDiscussions(taking: Taking, discussions: readonly Discussion[]): Promise<void> {
  for (const { rid, parent } of discussions) {
    if (taking.rooms.has(parent)) await setParentRoom(taking.tx, rid, parent);
    else taking.report.note('discussions of a room that is gone: are rooms of their own');
  }
}

interface Team {
  id: string;
  doc: Doc;
  room: Doc;
}

/** Teams whose main room is there (spec 11 §1.3). */
async function knownTeams({ dump, report }: Taking): Promise<Map<string, Team>> {
  const mainRooms = new Map<string, Doc>();
  for await (const doc of dump.documents(ROOMS)) {
    const [id, teamId] = [textOf(doc, '_id'), textOf(doc, 'teamId')];
    const isRoom = doc.t === 'c' || doc.t === 'p';
    if (id !== undefined && teamId !== undefined && isRoom && flagOf(doc, 'teamMain'))
      mainRooms.set(teamId, doc);
  }
  const teams = new Map<string, Team>();
  const names = new Set<string>();
  for await (const doc of dump.documents(TEAMS)) {
    const id = textOf(doc, '_id');
    const room = id === undefined ? undefined : mainRooms.get(id);
    const name = room && textOf(room, 'name')?.toLowerCase();
    if (id === undefined || !room || name === undefined || textOf(room, '_id') !== textOf(doc, 'roomId'))
      report.left(TEAMS, 'without their main room');
    else if (names.has(name)) report.left(TEAMS, 'whose name another one has, but for the case');
    else {
      names.add(name);
      teams.set(id, { id, doc, room });
    }
  }
  return teams;
}

/** A team has the name and the type of its main room. */
async function insertTeams(
  { tx, report, rooms, now }: Taking,
  teams: ReadonlyMap<string, Team>,
): Promise<void> {
  for (const { id, doc, room } of teams.values()) {
    const rid = textOf(room, '_id') ?? '';
    const known = rooms.get(rid);
    if (!known) continue;
    const name = known.name ?? id;
    await insertTeam(tx, {
      id,
      name,
      name_key: name.toLowerCase(),
      type: known.type === 'p' ? 1 : 0,
      room_id: rid,
      created_at: timeOf(doc, 'createdAt') ?? now,
      updated_at: timeOf(doc, '_updatedAt') ?? timeOf(doc, 'createdAt') ?? now,
      created_by: JSON.stringify(partOf(doc, 'createdBy') ?? CAT),
    });
    report.taken(TEAMS);
  }
}
