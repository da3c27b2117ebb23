import type { Context } from '../context.ts';
import type { UserRef } from '../kernel/caller.ts';
import type { Room } from './room.ts';
import { roomById } from './rooms.store.ts';
import { teamById } from './teams.store.ts';

interface ParentRoom {
  _id: string;
  name?: string;
  fname?: string;
  t: string;
  prid?: string;
  u?: UserRef;
}

/** The team and the parent of a room, as `rooms.info` shows them (spec 11 §4). */
export async function roomSurroundings(
  ctx: Context,
  room: Room,
): Promise<{ team?: { _id: string; name: string; roomId: string; type: number }; parent?: ParentRoom }> {
  const team = room.teamId === null ? undefined : await teamById(ctx.db, room.teamId);
  const parentId = room.parentId ?? (team && !room.teamMain ? team.room_id : undefined);
  const parent = parentId === undefined ? undefined : await roomById(ctx.db, parentId);
  return {
    ...(team ? { team: { _id: team.id, name: team.name, roomId: team.room_id, type: team.type } } : {}),
    ...(parent ? { parent: presentParent(parent, room.parentId !== null) } : {}),
  };
}

function presentParent(parent: Room, ofDiscussion: boolean): ParentRoom {
  return {
    _id: parent.id,
    ...(parent.name === null ? {} : { name: parent.name }),
    ...(parent.displayName === null ? {} : { fname: parent.displayName }),
    t: parent.type,
    ...(parent.parentId === null ? {} : { prid: parent.parentId }),
    ...(ofDiscussion ? { u: parent.details.u } : {}),
  };
}
