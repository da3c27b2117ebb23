import { sql } from 'kysely';
import { type ConsistencyRule, reference } from '../storage/consistency.ts';
import { jsonFlag, jsonItems, jsonText } from '../storage/json.ts';

/** Members in the sense of counters and teams: neither invited nor banned. */
const activeMember = sql`subscriptions.status is null`;

const translates = sql`${jsonFlag(sql.ref('subscriptions.doc'), 'autoTranslate')} = 1`;

/** What must hold in the tables of rooms, memberships and teams. */
export const roomRules: readonly ConsistencyRule[] = [
  reference('subscriptions', 'rid', 'rooms'),
  reference('subscriptions', 'uid', 'users'),
  reference('room_roles', 'rid', 'rooms'),
  reference('room_roles', 'uid', 'users'),
  reference('rooms', 'prid', 'rooms'),
  reference('rooms', 'team_id', 'teams'),
  reference('invites', 'rid', 'rooms'),
  reference('invites', 'uid', 'users'),
  reference('pending_invites', 'uid', 'users'),
  reference('teams', 'room_id', 'rooms'),
  reference('team_members', 'team_id', 'teams'),
  reference('team_members', 'uid', 'users'),
  {
    broken: 'room whose number of members is wrong',
    query: sql`select rooms.id || ': ' || rooms.users_count || ' instead of ' || count(subscriptions.id) as what
      from rooms left join subscriptions on subscriptions.rid = rooms.id and ${activeMember}
      group by rooms.id, rooms.users_count having rooms.users_count <> count(subscriptions.id)`,
  },
  {
    broken: 'room that is searched by other names than it has',
    query: sql`select id as what from rooms
      where search_key is null or search_key <> lower(coalesce(name, '') || '\n' || coalesce(fname, ''))`,
  },
  {
    broken: 'room that is featured in the directory and not by itself, or the other way round',
    query: sql`select id as what from rooms
      where featured <> coalesce(${jsonFlag(sql.ref('rooms.doc'), 'featured')}, 0)`,
  },
  {
    broken: 'room that lists who may speak and is not found by it, or the other way round',
    query: sql`select id as what from rooms where lists_speakers <> case when
      coalesce(${jsonText(sql.ref('rooms.doc'), 'muted')}, '[]') <> '[]' or
      coalesce(${jsonText(sql.ref('rooms.doc'), 'unmuted')}, '[]') <> '[]' then 1 else 0 end`,
  },
  {
    broken: 'membership that is translated into another language than it says',
    query: sql`select rid || ' ' || uid as what from subscriptions
      where coalesce(translate_to, '') <> case when ${translates}
        then coalesce(${jsonText(sql.ref('subscriptions.doc'), 'autoTranslateLanguage')}, '') else '' end`,
  },
  {
    broken: 'membership that is told of all messages and does not say so, or the other way round',
    query: sql`select rid || ' ' || uid as what from subscriptions
      where told_of_all <> case when coalesce(${jsonText(sql.ref('subscriptions.doc'), 'mobilePushNotifications')}, '') = 'all'
        or coalesce(${jsonText(sql.ref('subscriptions.doc'), 'emailNotifications')}, '') = 'all' then 1 else 0 end`,
  },
  {
    broken: 'membership of another type than its room',
    query: sql`select subscriptions.id as what from subscriptions join rooms on rooms.id = subscriptions.rid
      where subscriptions.t <> rooms.t`,
  },
  {
    broken: 'direct room with somebody who is gone',
    query: sql`select rooms.id || ' ' || item.value as what
      from rooms, ${jsonItems(jsonText(sql.ref('rooms.doc'), 'uids'))}
      where rooms.t = 'd' and not exists (select 1 from users where users.id = item.value)`,
  },
  {
    broken: 'somebody who waits for the key of a room without being in it',
    query: sql`select rooms.id || ' ' || ${jsonText(sql.ref('item.value'), 'userId')} as what
      from rooms, ${jsonItems(jsonText(sql.ref('rooms.doc'), 'usersWaitingForE2EKeys'))}
      where not exists (select 1 from subscriptions where subscriptions.rid = rooms.id
        and subscriptions.uid = ${jsonText(sql.ref('item.value'), 'userId')} and ${activeMember})`,
  },
  {
    broken: 'ban that kept its roles',
    query: sql`select rid || ' ' || uid as what from subscriptions where status = 'BANNED' and roles <> '[]'`,
  },
  {
    broken: 'role of a member that is missing in the index of room roles',
    query: sql`select subscriptions.rid || ' ' || subscriptions.uid || ' ' || item.value as what
      from subscriptions, ${jsonItems(sql.ref('subscriptions.roles'))}
      where not exists (select 1 from room_roles as known where known.rid = subscriptions.rid
        and known.uid = subscriptions.uid and known.role = item.value)`,
  },
  {
    broken: 'role in the index of room roles that no member has',
    query: sql`select room_roles.rid || ' ' || room_roles.uid || ' ' || room_roles.role as what from room_roles
      where not exists (
        select 1 from subscriptions, ${jsonItems(sql.ref('subscriptions.roles'))}
        where subscriptions.rid = room_roles.rid and subscriptions.uid = room_roles.uid
        and item.value = room_roles.role)`,
  },
  {
    broken: 'team whose main room is not its own, or has another name or type',
    query: sql`select teams.name as what from teams join rooms on rooms.id = teams.room_id
      where rooms.team_id is null or rooms.team_id <> teams.id or rooms.team_main <> 1 or rooms.name <> teams.name
        or rooms.t <> case teams.type when 1 then 'p' else 'c' end`,
  },
  {
    broken: 'member of a team who is not in its main room',
    query: sql`select teams.name || ' ' || team_members.uid as what
      from team_members join teams on teams.id = team_members.team_id
      where not exists (select 1 from subscriptions where subscriptions.rid = teams.room_id
        and subscriptions.uid = team_members.uid and ${activeMember})`,
  },
  {
    broken: 'member of the main room of a team who is not in the team',
    query: sql`select teams.name || ' ' || subscriptions.uid as what
      from teams join subscriptions on subscriptions.rid = teams.room_id and ${activeMember}
      where not exists (select 1 from team_members where team_members.team_id = teams.id
        and team_members.uid = subscriptions.uid)`,
  },
];
