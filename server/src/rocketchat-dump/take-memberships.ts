import { newId } from '../kernel/ids.ts';
import { directNames } from '../rooms/direct.ts';
import { type DetailedRow, insertMembershipRows } from '../rooms/membership.store.ts';
import type { MembershipDetails } from '../rooms/membership.ts';
import { addTeamMembers } from '../rooms/teams.store.ts';
import type { Doc } from './bson-documents.ts';
import {
  countOf,
  flagOf,
  isFlag,
  isParts,
  isText,
  isTexts,
  members,
  partOf,
  textOf,
  textsOf,
  timeOf,
} from './fields.ts';
import { membersOfMainRooms, messagesThere } from './moved-rows.store.ts';
import { CAT, type KnownRoom, type Taking } from './taking.ts';

const SUBSCRIPTIONS = 'rocketchat_subscription';
const TEAM_MEMBERS = 'rocketchat_team_member';
const BATCH = 200;

const DETAILS = {
  desktopNotifications: isText,
  mobilePushNotifications: isText,
  emailNotifications: isText,
  desktopPrefOrigin: isText,
  mobilePrefOrigin: isText,
  emailPrefOrigin: isText,
  audioNotificationValue: isText,
  unreadAlert: isText,
  disableNotifications: isFlag,
  hideUnreadStatus: isFlag,
  hideMentionStatus: isFlag,
  muteGroupMentions: isFlag,
  ignored: isTexts,
  userHighlights: isTexts,
  autoTranslate: isFlag,
  autoTranslateLanguage: isText,
  blocked: isFlag,
  blocker: isFlag,
  E2EKey: isText,
  E2ESuggestedKey: isText,
  oldRoomKeys: isParts,
  draft: isText,
};
const UNREAD_THREADS = ['tunread', 'tunreadUser', 'tunreadGroup'] as const;

/** Who is in which room, with what each has read (spec 32 D.5). Messages have to be there. */
export async function takeMemberships(taking: Taking): Promise<void> {
  const { dump, report, rooms, users } = taking;
  const seen = new Set<string>();
  let batch: DetailedRow[] = [];
  for await (const doc of dump.documents(SUBSCRIPTIONS)) {
    const [rid, uid] = [textOf(doc, 'rid') ?? '', textOf(partOf(doc, 'u') ?? {}, '_id') ?? ''];
    const room = rooms.get(rid);
    const key = `${rid} ${uid}`;
    if (!room || !users.has(uid)) report.left(SUBSCRIPTIONS, 'whose room or user is gone or was left');
    else if (seen.has(key)) report.left(SUBSCRIPTIONS, 'of somebody who is in the room already');
    else {
      seen.add(key);
      batch.push(await rowOf(taking, doc, { rid, uid, room, position: seen.size }));
      report.taken(SUBSCRIPTIONS);
      if (batch.length < BATCH) continue;
      await insertMembershipRows(taking.tx, batch);
      batch = [];
    }
  }
  await insertMembershipRows(taking.tx, batch);
}

async function rowOf(
  taking: Taking,
  doc: Doc,
  { rid, uid, room, position }: { rid: string; uid: string; room: KnownRoom; position: number },
): Promise<DetailedRow> {
  const status = doc.status === 'INVITED' || doc.status === 'BANNED' ? doc.status : null;
  const roles =
    status === 'BANNED' ? [] : textsOf(doc, 'roles').flatMap((role) => taking.roles.get(role) ?? []);
  const details = await detailsOf(taking, doc, uid, room);
  const ts = timeOf(doc, 'ts') ?? taking.now;
  return {
    id: textOf(doc, '_id') ?? newId(),
    rid,
    uid,
    t: room.type,
    ts,
    position,
    updated_at: timeOf(doc, '_updatedAt') ?? ts,
    ls: timeOf(doc, 'ls') ?? null,
    lr: timeOf(doc, 'lr') ?? null,
    open: Number(doc.open !== false),
    alert: Number(flagOf(doc, 'alert')),
    unread: countOf(doc, 'unread'),
    user_mentions: countOf(doc, 'userMentions'),
    group_mentions: countOf(doc, 'groupMentions'),
    seen_activity_seq: 0,
    seen_unread_seq: 0,
    seen_group_seq: 0,
    favorite: Number(flagOf(doc, 'f')),
    roles: JSON.stringify([...new Set(roles)]),
    status,
    details,
  };
}

async function detailsOf(
  { tx, users }: Taking,
  doc: Doc,
  uid: string,
  { type, uids }: KnownRoom,
): Promise<MembershipDetails> {
  const details = members(doc, DETAILS) as MembershipDetails;
  const inviter = users.get(textOf(partOf(doc, 'inviter') ?? {}, '_id') ?? '');
  if (inviter) details.inviter = inviter;
  if (type === 'd') {
    const others = uids.flatMap((member) => users.get(member) ?? []);
    const names = directNames({ _id: uid, ...users.get(uid) }, others);
    details.name = textOf(doc, 'name') ?? names.name ?? '';
    details.fname = textOf(doc, 'fname') ?? names.fname ?? '';
    if (flagOf(doc, 'archived')) details.archived = true;
  }
  for (const list of UNREAD_THREADS) {
    const ids = textsOf(doc, list);
    if (ids.length === 0) continue;
    // A thread that is gone cannot be read any more.
    const there = await messagesThere(tx, ids.slice(0, 500));
    if (there.length > 0) details[list] = there;
  }
  return details;
}

/** Whoever is in the main room of a team is in the team, and nobody else (spec 11 §1.3). */
export async function takeTeamMembers({ dump, tx, report, now }: Taking): Promise<void> {
  const roles = new Map<string, { roles: string[]; by: { _id: string; username: string }; at: number }>();
  for await (const doc of dump.documents(TEAM_MEMBERS)) {
    const by = partOf(doc, 'createdBy') ?? {};
    roles.set(`${textOf(doc, 'teamId')} ${textOf(doc, 'userId')}`, {
      roles: textsOf(doc, 'roles').filter((role) => role === 'owner' || role === 'moderator'),
      by: { _id: textOf(by, '_id') ?? CAT._id, username: textOf(by, 'username') ?? CAT.username },
      at: timeOf(doc, 'createdAt') ?? now,
    });
  }
  for (const { team, uid, ts } of await membersOfMainRooms(tx)) {
    const key = `${team} ${uid}`;
    const said = roles.get(key);
    roles.delete(key);
    if (said) report.taken(TEAM_MEMBERS);
    else report.note('people in the main room of a team who were no members of it: are members');
    const by = said?.by ?? CAT;
    await addTeamMembers(tx, team, [{ uid, roles: said?.roles ?? [] }], by, said?.at ?? ts);
  }
  for (const _ of roles) report.left(TEAM_MEMBERS, 'who are not in the main room');
}
