import { type Context, type WriteScope, within } from '../context.ts';
import { getRoom } from '../rooms/get-room.ts';
import type { Room } from '../rooms/room.ts';
import { discussionOf } from './discussions.store.ts';
import type { WireMessage } from './message.ts';
import { lockMessage, replaceMessage } from './messages.store.ts';
import { roomOfMessage } from './system-message.ts';

/**
 * Keeps the announcement of a discussion in step with it (spec 11 §7): how many messages it has and when the last one
 * came. Costs nothing in rooms that are none. `room` is the discussion as it is after the change.
 */
export async function followDiscussion(
  ctx: Context,
  write: WriteScope,
  room: Pick<Room, 'id' | 'parentId' | 'messageCount' | 'lastMessageAt'>,
): Promise<void> {
  if (room.parentId === null) return;
  await changeAnnouncement(ctx, write, room.id, (announcement) => ({
    ...announcement,
    dcount: room.messageCount,
    ...(room.lastMessageAt === null ? {} : { dlm: new Date(room.lastMessageAt) }),
  }));
}

/** The announcement of a discussion that is being deleted leads nowhere any more (spec 11 §4 `rooms.delete`). */
export const forgetDiscussion = (ctx: Context, write: WriteScope, rid: string): Promise<void> =>
  changeAnnouncement(ctx, write, rid, ({ drid: _to, dcount: _count, dlm: _last, ...message }) => message);

async function changeAnnouncement(
  ctx: Context,
  { tx, emit }: WriteScope,
  rid: string,
  changed: (announcement: WireMessage) => WireMessage,
): Promise<void> {
  const discussion = await discussionOf(tx, rid);
  const announcement = discussion && (await lockMessage(tx, discussion.announcement_id));
  if (!announcement) return;
  const message = { ...changed(announcement), _updatedAt: new Date(ctx.clock.stamp(announcement.rid)) };
  await replaceMessage(tx, message);
  const parent = await getRoom(within(ctx, tx), announcement.rid);
  if (parent) emit('message.saved', { message, room: roomOfMessage(parent), isNew: false });
}
