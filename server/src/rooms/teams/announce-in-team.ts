import type { Context, WriteScope } from '../../context.ts';
import type { SystemMessage } from '../../messages/system-message.ts';
import { postSystemMessage } from '../../messages/system-message.ts';
import { presentRoom } from '../present-room.ts';
import type { Room } from '../room.ts';
import { recordActivity } from '../rooms.store.ts';

/** Tells the main room of a team that something became of one of its rooms. Returns the main room; undefined when it is gone. */
export async function announceInTeam(
  ctx: Context,
  { tx, emit }: WriteScope,
  mainRoomId: string,
  message: SystemMessage,
): Promise<Room | undefined> {
  const main = await recordActivity(tx, mainRoomId, ctx.clock.stamp(), { messages: 1, members: 0 });
  if (!main) return undefined;
  await postSystemMessage(ctx, tx, emit, main, message);
  emit('room.changed', { action: 'updated', rid: main.id, room: presentRoom(main) });
  return main;
}
