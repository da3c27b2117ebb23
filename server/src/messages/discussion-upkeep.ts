import { type Context, type WriteScope, within } from '../context.ts';
import { getRoom } from '../rooms/get-room.ts';
import type { Room } from '../rooms/room.ts';
import { discussionOf } from './discussions.store.ts';
import { lockMessage, replaceMessage } from './messages.store.ts';
import { roomOfMessage } from './system-message.ts';

/**
 * Keeps the announcement of a discussion in step with it (spec 11 §7): how many messages it has and when the last one
 * came. Costs nothing in rooms that are none. `room` is the discussion as it is after the change.
 */
export async function followDiscussion(
  ctx: Context,
  { tx, emit }: WriteScope,
  room: Pick<Room, 'id' | 'parentId' | 'messageCount' | 'lastMessageAt'>,
): Promise<void> {
  if (room.parentId === null) return;
  const discussion = await discussionOf(tx, room.id);
  const announcement = discussion && (await lockMessage(tx, discussion.announcement_id));
  if (!announcement) return;
  const message = {
    ...announcement,
    dcount: room.messageCount,
    ...(room.lastMessageAt === null ? {} : { dlm: new Date(room.lastMessageAt) }),
    _updatedAt: new Date(ctx.clock.stamp(announcement.rid)),
  };
  await replaceMessage(tx, message);
  const parent = await getRoom(within(ctx, tx), announcement.rid);
  if (parent) emit('message.saved', { message, room: roomOfMessage(parent), isNew: false });
}
