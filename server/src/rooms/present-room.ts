import type { UserRef } from '../kernel/caller.ts';
import { reviveMessage, type WireMessage } from '../messages/message.ts';
import type { Room, RoomDetails } from './room.ts';

/** A room as clients see it (spec 10 §3.1). Never carries joinCode, members, importIds or e2e. */
export interface WireRoom
  extends Omit<RoomDetails, 'u' | 'archived' | 'joinCodeRequired' | 'importIds' | 'usersWaitingForE2EKeys'> {
  _id: string;
  t: string;
  name?: string;
  fname?: string;
  u?: UserRef;
  ts: Date;
  _updatedAt: Date;
  msgs: number;
  usersCount: number;
  lm?: Date;
  lastMessage?: WireMessage;
  ro: boolean;
  default: boolean;
  archived?: boolean;
  teamId?: string;
  teamMain?: true;
  teamDefault?: boolean;
  prid?: string;
  joinCodeRequired?: boolean;
  usersWaitingForE2EKeys?: { userId: string; ts: Date }[];
}

/**
 * Builds the wire document. `viewerId` trims `lastMessage.starred` to the viewer's own entry (spec 00 §13); without it
 * the raw list is kept, as the streams send it.
 */
export const presentRoom = (room: Room, viewerId?: string): WireRoom =>
  presentWith(room, room.lastMessage === null ? undefined : reviveMessage(room.lastMessage, viewerId));

/** As `presentRoom`, where the room's last message is at hand and need not be parsed out of it again. */
export const presentRoomWith = (room: Room, lastMessage: WireMessage): WireRoom =>
  presentWith(room, room.lastMessage === null ? undefined : lastMessage);

function presentWith(room: Room, lastMessage: WireMessage | undefined): WireRoom {
  const wire: WireRoom = {
    _id: room.id,
    t: room.type,
    msgs: room.messageCount,
    usersCount: room.memberCount,
    ro: room.readOnly,
    default: room.isDefault,
    ts: new Date(room.createdAt),
    _updatedAt: new Date(room.updatedAt),
  };
  if (room.name !== null) wire.name = room.name;
  if (room.displayName !== null) wire.fname = room.displayName;
  Object.assign(wire, room.details);
  const { importIds, usersWaitingForE2EKeys: waiting } = room.details;
  if (importIds) delete (wire as { importIds?: unknown }).importIds;
  // Stored as text, but a date for clients as any other (spec 40 §2.7).
  if (waiting) wire.usersWaitingForE2EKeys = waiting.map(({ userId, ts }) => ({ userId, ts: new Date(ts) }));
  if (room.type === 'd') delete wire.u;
  if (room.lastMessageAt !== null) wire.lm = new Date(room.lastMessageAt);
  if (lastMessage) wire.lastMessage = lastMessage;
  if (room.archived) wire.archived = true;
  if (room.teamId !== null) wire.teamId = room.teamId;
  if (room.teamMain) wire.teamMain = true;
  if (room.teamDefault !== null) wire.teamDefault = room.teamDefault;
  if (room.parentId !== null) wire.prid = room.parentId;
  if (room.joinCode !== null) wire.joinCodeRequired = true;
  return wire;
}

/** The members that room lists and streams leave out (spec 11 §1.1); only reading one room shows them. */
export function publishedRoom({
  featured: _f,
  favorite: _v,
  teamDefault: _d,
  ...published
}: WireRoom): WireRoom {
  return published;
}
