import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { postSystemMessage } from '../messages/system-message.ts';
import { hasInRoom } from './access.ts';
import { updateAllMemberships } from './membership.store.ts';
import { presentRoom } from './present-room.ts';
import type { Room } from './room.ts';
import { lockRoomById, recordActivity, updateRoom } from './rooms.store.ts';
import { callerRef } from './user-ref.ts';

/** Archives a room (spec 10 §9.2). @throws error-not-authorized, error-direct-message-room */
export async function archiveRoom(ctx: Context, caller: Caller, room: Room): Promise<void> {
  const details = { method: 'archiveRoom' };
  if (room.type === 'd') fail('error-direct-message-room', 'rooms type: d can not be archived', details);
  if (!(await hasInRoom(ctx, caller, 'archive-room', room.id)))
    fail('error-not-authorized', 'Not authorized', details);
  await setArchived(ctx, caller, room, true);
}

/** Brings an archived room back (spec 10 §9.3). @throws error-not-authorized */
export async function unarchiveRoom(ctx: Context, caller: Caller, room: Room): Promise<void> {
  if (!(await hasInRoom(ctx, caller, 'unarchive-room', room.id))) {
    fail('error-not-authorized', 'Not authorized', { method: 'unarchiveRoom' });
  }
  await setArchived(ctx, caller, room, false);
}

async function setArchived(ctx: Context, caller: Caller, known: Room, archived: boolean): Promise<void> {
  await ctx.write(async (tx, emit) => {
    // Of two who archive at the same moment the second changes nothing.
    const locked = await lockRoomById(tx, known.id);
    if (!locked) fail('error-invalid-room', 'Invalid room');
    if (locked.archived === archived) return;
    const at = ctx.clock.stamp();
    const shown = archived ? {} : { details: { ...locked.details, archived: false as const } };
    await updateRoom(tx, known.id, at, { archived, ...shown });
    const room = await recordActivity(tx, known.id, at, { messages: 1, members: 0 });
    if (!room) fail('error-invalid-room', 'Invalid room');
    await updateAllMemberships(tx, room, at, { open: !archived, alert: false, takeSeen: true });
    const t = archived ? 'room-archived' : 'room-unarchived';
    await postSystemMessage(ctx, tx, emit, room, { t, msg: '', user: callerRef(caller) });
    emit('memberships.touched', { rid: room.id, who: 'all', except: [], also: [] });
    emit('room.changed', { action: 'updated', rid: room.id, room: presentRoom(room) });
  });
}
