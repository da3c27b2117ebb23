import { loadUserByUsername } from '../accounts/find-users.ts';
import type { Context, WriteScope } from '../context.ts';
import { type AvatarPicture, placeAvatarOfData } from '../files/avatar-picture.ts';
import { changeRoomAvatar } from '../files/set-avatar.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import type { Emit } from '../kernel/events.ts';
import { postSystemMessage, type SystemMessage } from '../messages/system-message.ts';
import type { Tx } from '../storage/database.ts';
import { isUniqueViolation } from '../storage/errors.ts';
import { canAccessRoom, hasInRoom } from './access.ts';
import { stopAutoTranslate } from './auto-translate.ts';
import { updateAllMemberships } from './membership.store.ts';
import { presentRoom } from './present-room.ts';
import { type Room, type RoomDetails, roomLabel } from './room.ts';
import { refuseHugeDetails, refuseLongName } from './room-limits.ts';
import { refuseTakenHandle, refuseTakenName, validRoomName } from './room-name.ts';
import { changedRetention, type RetentionSettings, refuseUselessAge } from './room-retention.ts';
import { discussionsOf, type RoomChange, recordActivity, roomById, updateRoom } from './rooms.store.ts';
import { renameTeam, setTeamType, teamById } from './teams.store.ts';
import { callerRef } from './user-ref.ts';

/** The members of `rooms.saveRoomSettings` (spec 11 §4); times and names as on the wire. */
export interface RoomSettings extends RetentionSettings {
  roomName?: string;
  roomTopic?: string;
  roomDescription?: string;
  roomAnnouncement?: string;
  roomCustomFields?: Record<string, unknown>;
  roomType?: string;
  readOnly?: boolean;
  reactWhenReadOnly?: boolean;
  systemMessages?: string[];
  joinCode?: string;
  default?: boolean;
  featured?: boolean;
  favorite?: { favorite: boolean; defaultValue: boolean };
  encrypted?: boolean;
  /** A `data:` URI; empty: none any more. */
  roomAvatar?: string;
  /** Of clients of 7.x; newer ones have nothing that would show it. */
  sidepanel?: object;
}

const METHOD = 'saveRoomSettings';

/**
 * Changes a room: every setter of `channels.*` and `groups.*` ends here (spec 10 §8). All changes are checked before any is
 * made; an unchanged value does nothing. Returns the room afterwards.
 *
 * @throws error-invalid-room, error-action-not-allowed, error-invalid-room-type and the name errors of spec 10 §5.1
 */
export async function saveRoomSettings(
  ctx: Context,
  caller: Caller,
  rid: string,
  given: RoomSettings,
): Promise<Room> {
  let wanted = given;
  const room = await roomById(ctx.db, rid);
  if (!room) fail('error-invalid-room', 'Invalid room', { method: METHOD });
  if (!(await hasInRoom(ctx, caller, 'edit-room', rid))) {
    // The members of a direct room decide about its encryption, and about nothing else.
    const isOwnDirectRoom = room.type === 'd' && (await canAccessRoom(ctx, caller, room));
    if (!isOwnDirectRoom || given.encrypted === undefined)
      notAllowed('Editing room is not allowed', 'Editing_room');
    wanted = { encrypted: given.encrypted };
  }
  if (room.details.broadcast && (wanted.readOnly || wanted.reactWhenReadOnly)) {
    notAllowed('Editing readOnly/reactWhenReadOnly are not allowed for broadcast rooms', 'Editing_room');
  }
  await checkRoomSettings(ctx, caller, room, wanted);
  const avatar = wanted.roomAvatar ? await placeAvatarOfData(ctx, wanted.roomAvatar) : undefined;
  try {
    return await ctx.write((tx, emit) => applyRoomSettings(ctx, { tx, emit }, caller, rid, wanted, avatar));
  } catch (error) {
    if (isUniqueViolation(error)) refuseTakenName(wanted.roomName?.trim() ?? '');
    throw error;
  }
}

function notAllowed(reason: string, action: string): never {
  fail('error-action-not-allowed', reason, { method: METHOD, action });
}

/** The checks that each setting has beside `edit-room`. */
export async function checkRoomSettings(
  ctx: Context,
  caller: Caller,
  room: Room,
  wanted: RoomSettings,
): Promise<void> {
  const administers = wanted.default !== undefined || wanted.featured !== undefined;
  if (administers && !ctx.permissions.has(caller, 'view-room-administration')) {
    notAllowed('Viewing room administration is not allowed', 'Viewing_room_administration');
  }
  const isShut = room.type === 'd' || room.parentId !== null;
  if (wanted.default === true && (isShut || (await isInPrivateTeam(ctx, room)))) {
    notAllowed('Viewing room administration is not allowed', 'Viewing_room_administration');
  }
  refuseHugeDetails({
    topic: wanted.roomTopic,
    description: wanted.roomDescription,
    announcement: wanted.roomAnnouncement,
    customFields: wanted.roomCustomFields,
    joinCode: wanted.joinCode,
  });
  if (wanted.systemMessages?.some((type) => !HIDEABLE.has(type)))
    fail('invalid-room', 'Invalid option', { method: METHOD });
  if (wanted.roomType !== undefined && wanted.roomType !== room.type)
    await checkType(ctx, caller, room, wanted.roomType);
  refuseUselessAge(wanted);
  if (
    changedRetention(room.details.retention, wanted) &&
    !(await hasInRoom(ctx, caller, 'edit-room-retention-policy', room.id))
  ) {
    notAllowed('Editing room retention policy is not allowed', 'Editing_room');
  }
  if (wanted.roomAvatar !== undefined && !(await hasInRoom(ctx, caller, 'edit-room-avatar', room.id))) {
    notAllowed('Editing a room avatar is not allowed', 'Editing_room');
  }
  if (wanted.encrypted !== undefined && wanted.encrypted !== (room.details.encrypted ?? false)) {
    if (room.type === 'c' || !ctx.settings.bool('E2E_Enable')) {
      notAllowed('Only groups or direct channels can enable encryption', 'Change_Room_Encrypted');
    }
    if (room.type === 'p' && !(await hasInRoom(ctx, caller, 'toggle-room-e2e-encryption', room.id))) {
      notAllowed('You do not have permission to toggle E2E encryption', 'Change_Room_Encrypted');
    }
  }
}

async function isInPrivateTeam(ctx: Context, room: Room): Promise<boolean> {
  return room.teamId !== null && (await teamById(ctx.db, room.teamId))?.type === 1;
}

async function checkType(ctx: Context, caller: Caller, room: Room, type: string): Promise<void> {
  if (type !== 'c' && type !== 'p')
    fail('error-invalid-room-type', 'error-invalid-room-type', { method: METHOD, type });
  // What was said between two people stays between them, also for those who may edit every room.
  if (room.type === 'd') notAllowed('Changing the type of a direct room is not allowed', 'Change_Room_Type');
  const words = type === 'c' ? 'private group to a public channel' : 'public channel to a private room';
  const team = room.teamId !== null && !room.teamMain ? await teamById(ctx.db, room.teamId) : undefined;
  const permission = type === 'c' ? 'create-team-channel' : 'create-team-group';
  if (team && !(await hasInRoom(ctx, caller, permission, team.room_id))) {
    notAllowed(`Changing a team's ${words} is not allowed`, 'Change_Room_Type');
  }
  if (!team && !ctx.permissions.has(caller, `create-${type}`)) {
    notAllowed(`Changing a ${words} is not allowed`, 'Change_Room_Type');
  }
}

/** Makes changes that are checked already. */
export async function applyRoomSettings(
  ctx: Context,
  { tx, emit }: WriteScope,
  caller: Caller,
  rid: string,
  wanted: RoomSettings,
  avatar?: AvatarPicture,
): Promise<Room> {
  const room = await roomById(tx, rid);
  if (!room) fail('error-invalid-room', 'Invalid room', { method: METHOD });
  const details: RoomDetails = { ...room.details };
  const messages: Omit<SystemMessage, 'user'>[] = [];
  const change: RoomChange = plainChanges(room, details, wanted);
  await renameIfWanted(ctx, tx, room, wanted, change, messages);
  for (const [field, type] of TEXTS) {
    const text = wanted[SETTING_OF[field]];
    if (text === undefined || text === (details[field] ?? '')) continue;
    details[field] = text;
    if (field === 'announcement') delete details.announcementDetails;
    messages.push({ t: type, msg: text });
  }
  if (wanted.roomType !== undefined && wanted.roomType !== room.type) {
    change.type = wanted.roomType;
    if (wanted.roomType === 'p') change.isDefault = false;
    if (room.teamMain && room.teamId !== null) {
      await setTeamType(tx, room.teamId, wanted.roomType === 'p' ? 1 : 0, ctx.clock.stamp());
    }
    messages.push({ t: 'room_changed_privacy', msg: wanted.roomType === 'p' ? 'private' : 'public' });
  }
  if (wanted.readOnly !== undefined && wanted.readOnly !== room.readOnly) {
    change.readOnly = wanted.readOnly;
    messages.push({ t: wanted.readOnly ? 'room-set-read-only' : 'room-removed-read-only', msg: '' });
  }
  if (
    wanted.reactWhenReadOnly !== undefined &&
    wanted.reactWhenReadOnly !== (details.reactWhenReadOnly ?? false)
  ) {
    details.reactWhenReadOnly = wanted.reactWhenReadOnly;
    messages.push({
      t: wanted.reactWhenReadOnly ? 'room-allowed-reacting' : 'room-disallowed-reacting',
      msg: '',
    });
  }
  if (wanted.encrypted !== undefined && wanted.encrypted !== (details.encrypted ?? false)) {
    details.encrypted = wanted.encrypted;
    if (wanted.encrypted) await stopAutoTranslate(ctx, { tx, emit }, room);
    messages.push({
      t: wanted.encrypted ? 'room_e2e_enabled' : 'room_e2e_disabled',
      msg: caller.username ?? '',
    });
  }
  if (avatar || (wanted.roomAvatar === '' && details.avatarETag)) {
    const etag = await changeRoomAvatar(ctx, { tx, emit }, room.id, avatar);
    if (etag) details.avatarETag = etag;
    else delete details.avatarETag;
    messages.push({ t: 'room_changed_avatar', msg: '' });
  }
  return store(ctx, tx, emit, caller, room, { ...change, details }, messages);
}

const TEXTS = [
  ['topic', 'room_changed_topic'],
  ['announcement', 'room_changed_announcement'],
  ['description', 'room_changed_description'],
] as const;

const SETTING_OF = {
  topic: 'roomTopic',
  announcement: 'roomAnnouncement',
  description: 'roomDescription',
} as const;

/** Changes without a system message. */
function plainChanges(room: Room, details: RoomDetails, wanted: RoomSettings): RoomChange {
  const change: RoomChange = {};
  if (wanted.roomCustomFields !== undefined) details.customFields = wanted.roomCustomFields;
  const joinCode = wanted.joinCode === '' ? null : wanted.joinCode;
  if (joinCode !== undefined && joinCode !== room.joinCode) change.joinCode = joinCode;
  if (change.joinCode === null) details.joinCodeRequired = false;
  if (wanted.default !== undefined && wanted.default !== room.isDefault) change.isDefault = wanted.default;
  if (wanted.featured === true) details.featured = true;
  if (wanted.featured === false) delete details.featured;
  if (wanted.favorite?.favorite && wanted.favorite.defaultValue) details.favorite = true;
  else if (wanted.favorite) delete details.favorite;
  if (wanted.systemMessages && wanted.systemMessages.length > 0) details.sysMes = wanted.systemMessages;
  else if (wanted.systemMessages) delete details.sysMes;
  const retention = changedRetention(details.retention, wanted);
  if (retention) {
    details.retention = retention;
    change.retentionChanged = true;
  }
  return change;
}

async function renameIfWanted(
  ctx: Context,
  tx: Tx,
  room: Room,
  wanted: RoomSettings,
  change: RoomChange,
  messages: Omit<SystemMessage, 'user'>[],
): Promise<void> {
  const displayName = wanted.roomName?.trim();
  if (!displayName || displayName === roomLabel(room)) return;
  refuseLongName(displayName);
  // The name of a discussion is generated; only its title changes (spec 10 §8).
  if (room.parentId === null) {
    const slug = await validRoomName(ctx, tx, displayName, room.id);
    if (slug !== room.name) {
      await refuseTakenHandle(ctx, tx, slug, {
        isUsername: async (name) => (await loadUserByUsername(tx, name)) !== undefined,
        ownTeamId: room.teamMain ? room.teamId : null,
      });
    }
    change.name = slug;
    if (room.teamMain && room.teamId !== null) await renameTeam(tx, room.teamId, slug, ctx.clock.stamp());
  }
  change.displayName = displayName;
  messages.push({ t: 'r', msg: displayName });
}

async function store(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  caller: Caller,
  before: Room,
  change: RoomChange,
  messages: readonly Omit<SystemMessage, 'user'>[],
): Promise<Room> {
  if (messages.length === 0 && changesNothing(before, change)) return before;
  const at = ctx.clock.stamp();
  await updateRoom(tx, before.id, at, change);
  const room = await recordActivity(tx, before.id, at, { messages: messages.length, members: 0 });
  if (!room) fail('error-invalid-room', 'Invalid room', { method: METHOD });
  const retyped = change.type !== undefined;
  // Before anything that is told to the room.
  if (retyped) emit('room.accessChanged', { rid: room.id, wholeTeam: room.teamMain });
  for (const message of messages)
    await postSystemMessage(ctx, tx, emit, room, { ...message, user: callerRef(caller) });
  if (change.name !== undefined && before.name !== null && change.name !== before.name) {
    emit('room.renamed', { rid: room.id, from: before.name, to: change.name });
    await renameTopics(ctx, { tx, emit }, room.id, { from: before.name, to: change.name });
  }
  const renamed = change.displayName !== undefined;
  const recopied =
    room.details.encrypted !== before.details.encrypted ||
    !sameJson(room.details.customFields, before.details.customFields);
  // Memberships show these of the room: they count as changed, and are re-sent to whoever is connected.
  if (renamed || retyped || recopied) {
    await updateAllMemberships(tx, room, at, {
      ...(renamed ? { alert: true } : {}),
      ...(retyped ? { type: room.type } : {}),
    });
    emit('memberships.touched', { rid: room.id, who: 'all', except: [], also: [] });
  }
  emit('room.changed', { action: 'updated', rid: room.id, room: presentRoom(room) });
  return room;
}

/** The topic of a discussion is the name of its parent room until somebody writes another one (spec 11 §7). */
async function renameTopics(
  ctx: Context,
  { tx, emit }: WriteScope,
  parentId: string,
  { from, to }: { from: string; to: string },
): Promise<void> {
  for (const discussion of await discussionsOf(tx, parentId, { topic: from })) {
    const details = { ...discussion.details, topic: to };
    const updatedAt = ctx.clock.stamp();
    await updateRoom(tx, discussion.id, updatedAt, { details });
    const room = presentRoom({ ...discussion, details, updatedAt });
    emit('room.changed', { action: 'updated', rid: discussion.id, room });
  }
}

function changesNothing(before: Room, { details, ...columns }: RoomChange): boolean {
  return Object.keys(columns).length === 0 && sameJson(details, before.details);
}

const sameJson = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right);

/** System message types that may be hidden in a room (spec 10 §11.1). */
const HIDEABLE: ReadonlySet<string> = new Set(
  (
    'uj ujt ul ult ru removed-user-from-team au added-user-to-team mute_unmute r ut wm rm subscription-role-added ' +
    'subscription-role-removed room-archived room-unarchived room_changed_privacy room_changed_avatar room_changed_topic ' +
    'room_e2e_enabled room_e2e_disabled room-removed-read-only room-set-read-only room-disallowed-reacting ' +
    'room-allowed-reacting user-added-room-to-team user-converted-to-channel user-converted-to-team ' +
    'user-deleted-room-from-team user-removed-room-from-team room_changed_announcement room_changed_description ' +
    'user-banned user-unbanned'
  ).split(' '),
);
