import type { Context, WriteScope } from '../context.ts';
import type { UserRef } from '../kernel/caller.ts';
import type { WireMessage } from '../messages/message.ts';
import { addMentions, markMembershipRead } from './membership.store.ts';
import type { Membership } from './membership.ts';
import { presentRoom, presentRoomWith } from './present-room.ts';
import { presentSubscription } from './present-subscription.ts';
import type { Room } from './room.ts';
import { recordMessageInRoom } from './rooms.store.ts';

/** A message whose time is further off is counted as unread for nobody (spec 30 §4.10). */
const LATE_MS = 60_000;

export interface MessageReach {
  /** Members who are mentioned by name or team or whose highlight word matches; without the sender. */
  mentionedIds: readonly string[];
  /** The message says @all or @here. */
  groupMention: boolean;
}

/** Where a message goes, both rows locked by the transaction that writes it. */
export interface LockedPlace {
  room: Room;
  /** The sender's, whatever its status. */
  membership: Membership | undefined;
}

/**
 * Counts a new user message in its room and derives everybody's unread state from that (spec 10 §12.2, spec 30 §4.10),
 * writing only the room's row, the sender's and those of mentioned members (docs/decisions/0001). `doc` is the
 * message's stored document. Emits `room.changed`, the sender's `membership.changed` and `memberships.touched`.
 * Returns the room as it is then.
 */
export async function recordUserMessage(
  ctx: Context,
  { tx, emit }: WriteScope,
  { room: before, membership }: LockedPlace,
  { message, doc }: { message: WireMessage; doc: string },
  reach: MessageReach,
): Promise<Room> {
  // Later than the message: its sender has seen it.
  const at = ctx.clock.stamp(before.id);
  const inThreadOnly = message.tmid !== undefined && !message.tshow;
  // Told from the stamp, not from the clock: stamps run ahead of it in a very busy room.
  const late = Math.abs(message.ts.getTime() - at) > LATE_MS;
  if (inThreadOnly || late) {
    const room = counted(before, at);
    await recordMessageInRoom(tx, room);
    emit('room.changed', { action: 'updated', rid: room.id, room: presentRoom(room) });
    return room;
  }

  const inMainFlow = message.tmid === undefined;
  const counting = unreadRules(ctx, before.type, reach);
  const stored = ctx.settings.bool('Store_Last_Message') ? doc : null;
  const room = counted(before, at);
  room.lastMessageAt = message.ts.getTime();
  room.lastMessage = stored;
  if (inMainFlow) {
    room.activitySeq += 1;
    room.activityAt = at;
    room.unreadSeq += Number(counting.everybody);
    room.groupSeq += Number(counting.groupMention);
  }
  await recordMessageInRoom(tx, room);
  emit('room.changed', { action: 'updated', rid: room.id, room: presentRoomWith(room, message) });
  // The thread rules look after the members when a reply is also shown in the room (spec 30 §4.10).
  if (!inMainFlow) return room;

  await addMentions(tx, room.id, reach.mentionedIds, counting.mentioned, at);
  if (membership) await markReadBySender({ tx, emit }, { room, membership }, message.u, at);
  emit('memberships.touched', {
    rid: room.id,
    who: counting.everybody || counting.groupMention ? 'all' : 'alert',
    except: [message.u._id],
    also: reach.mentionedIds,
  });
  return room;
}

/** A copy, and then assignments: naming members behind a spread costs ten times as much, and this runs with every message. */
function counted(before: Room, at: number): Room {
  const room = { ...before };
  room.updatedAt = at;
  room.messageCount += 1;
  return room;
}

/** What the `Unread_Count*` setting makes of a message: who is counted how (table of spec 10 §12.2). */
function unreadRules(ctx: Context, type: Room['type'], reach: MessageReach) {
  const direct = type === 'd';
  const setting = ctx.settings.text(direct ? 'Unread_Count_DM' : 'Unread_Count');
  const all = setting === 'all_messages';
  const countsUserMentions = direct || all || setting.startsWith('user_');
  const countsGroupMentions =
    direct || all || setting === 'group_mentions_only' || setting === 'user_and_group_mentions_only';
  const groupMention = reach.groupMention && reach.mentionedIds.length === 0;
  const everybody = groupMention ? countsGroupMentions : all && !reach.groupMention;
  return {
    groupMention,
    everybody,
    // Where everybody is counted by the room's counter, the mentioned are too and must not be counted twice.
    mentioned: countsUserMentions && !everybody ? 1 : 0,
  };
}

async function markReadBySender(
  { tx, emit }: WriteScope,
  { room, membership }: LockedPlace & { membership: Membership },
  sender: UserRef,
  at: number,
): Promise<void> {
  const read = await markMembershipRead(tx, membership, room, at);
  emit('membership.changed', {
    action: 'updated',
    rid: room.id,
    uid: sender._id,
    subscription: presentSubscription(read, room, sender),
  });
}
