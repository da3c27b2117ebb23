import type { Context } from '../context.ts';
import type { UserRef } from '../kernel/caller.ts';
import { fail, refuse } from '../kernel/errors.ts';
import type { Emit } from '../kernel/events.ts';
import { messageDoc, type WireMessage } from '../messages/message.ts';
import type { Tx } from '../storage/database.ts';
import { addMentions, markMembershipRead } from './membership.store.ts';
import { isActiveMember } from './membership.ts';
import { presentRoom } from './present-room.ts';
import { presentSubscription } from './present-subscription.ts';
import type { Room } from './room.ts';
import { recordActivity } from './rooms.store.ts';

export interface MessageReach {
  /** Members who are mentioned by name or team or whose highlight word matches; without the sender. */
  mentionedIds: readonly string[];
  /** The message says @all or @here. */
  groupMention: boolean;
  /** The sender was a member when the rules were checked. One who was removed since then is refused. */
  fromMember: boolean;
}

/**
 * Counts a new user message in its room and derives everybody's unread state from that (spec 10 §12.2, spec 30 §4.10),
 * writing only the room's row, the sender's and those of mentioned members (architecture decision 5).
 * Emits `room.changed`, the sender's `membership.changed` and `memberships.touched`.
 *
 * The rules were checked before the transaction. What may have changed since is looked at once more, now that the room's
 * row is locked: nothing is written into an archived room or by somebody who has just been removed.
 *
 * @throws "room_is_archived", "error-not-allowed" (plain)
 */
export async function recordUserMessage(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  { id: rid, type }: Pick<Room, 'id' | 'type'>,
  message: WireMessage,
  reach: MessageReach,
): Promise<Room> {
  const at = ctx.clock.stamp();
  const inThreadOnly = message.tmid !== undefined && !message.tshow;
  const late = Math.abs(message.ts.getTime() - ctx.clock.now()) > 60_000;
  if (inThreadOnly || late)
    return counted(await recordActivity(tx, rid, at, { messages: 1, members: 0 }), emit);

  const inMainFlow = message.tmid === undefined;
  const counting = unreadRules(ctx, type, reach);
  const stored = ctx.settings.bool('Store_Last_Message') ? messageDoc(message) : null;
  const room = counted(
    await recordActivity(tx, rid, at, {
      messages: 1,
      members: 0,
      lastMessage: { at: message.ts.getTime(), doc: stored },
      countsAsActivity: inMainFlow,
      countsAsUnread: inMainFlow && counting.everybody,
      countsAsGroupMention: inMainFlow && counting.groupMention,
    }),
    emit,
    stored === null ? undefined : message,
  );
  // The thread rules look after the members when a reply is also shown in the room (spec 30 §4.10).
  if (!inMainFlow) return room;

  await addMentions(tx, rid, reach.mentionedIds, counting.mentioned, at);
  await markReadBySender(tx, emit, room, message.u, at, reach.fromMember);
  emit('memberships.touched', {
    rid,
    who: counting.everybody || counting.groupMention ? 'all' : 'alert',
    except: [message.u._id],
    also: reach.mentionedIds,
  });
  return room;
}

/** Tells the members of the counted room. `shown` is its last message, which need not be parsed out of the row again. */
function counted(room: Room | undefined, emit: Emit, shown?: WireMessage): Room {
  if (!room) fail('error-invalid-room', 'Invalid room');
  if (room.archived) refuse('room_is_archived');
  const wire = shown
    ? { ...presentRoom({ ...room, lastMessage: null }), lastMessage: shown }
    : presentRoom(room);
  emit('room.changed', { action: 'updated', rid: room.id, room: wire });
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
  tx: Tx,
  emit: Emit,
  room: Room,
  sender: UserRef,
  at: number,
  fromMember: boolean,
): Promise<void> {
  const membership = await markMembershipRead(tx, room, sender._id, at);
  if (fromMember && !isActiveMember(membership)) refuse('error-not-allowed');
  if (!membership) return;
  emit('membership.changed', {
    action: 'updated',
    rid: room.id,
    uid: sender._id,
    subscription: presentSubscription(membership, room, sender),
  });
}
