import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { type Archived, findChannel, findGroup, type RoomSelector } from './find-room.ts';
import { presentRoom } from './present-room.ts';
import type { Room } from './room.ts';

/**
 * `channels.*` and `groups.*` mirror each other; what they share is declared once for both. The differences
 * (spec 10 §13) are the members of this type.
 */
export interface Family {
  prefix: 'channels' | 'groups';
  type: 'c' | 'p';
  /** Member of the answer that carries a room; a list carries `<key>s`. */
  key: 'channel' | 'group';
  noun: 'channel' | 'private group';
  find(ctx: Context, caller: Caller, selector: RoomSelector, archived?: Archived): Promise<Room>;
}

export const CHANNELS: Family = {
  prefix: 'channels',
  type: 'c',
  key: 'channel',
  noun: 'channel',
  find: (ctx, _caller, selector, archived) => findChannel(ctx, selector, archived),
};

export const GROUPS: Family = {
  prefix: 'groups',
  type: 'p',
  key: 'group',
  noun: 'private group',
  find: findGroup,
};

/** `{channel: Room}` or `{group: Room}`. */
export function roomAnswer(family: Family, caller: Caller, room: Room) {
  return { [family.key]: presentRoom(room, caller.uid) };
}
