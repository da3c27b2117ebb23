import { findUserById } from '../accounts/find-users.ts';
import { fail, Refusal } from '../kernel/errors.ts';
import { hasInRoom } from '../rooms/access.ts';
import { archiveRoom, unarchiveRoom } from '../rooms/archive.ts';
import { createRoom } from '../rooms/create-room.ts';
import { isRoomNameTaken } from '../rooms/find-room.ts';
import { joinRoom } from '../rooms/join.ts';
import { leaveRoom } from '../rooms/leave.ts';
import { findMembership } from '../rooms/members.ts';
import { isActiveMember } from '../rooms/membership.ts';
import { roomNameIn } from '../rooms/room-name.ts';
import { saveRoomSettings } from '../rooms/save-room-settings.ts';
import { hideRoom } from '../rooms/visibility.ts';
import { type SlashCommand, tell } from './command.ts';
import { bareName, directRoomWith, knownRoom, namedRoom, noSuchChannel } from './rooms-by-name.ts';

/** Commands about rooms, and about being in them (spec 31 §1.2). */

export const archive: SlashCommand = {
  command: 'archive',
  params: '#channel',
  description: 'Archive',
  permission: 'archive-room',
  async run(call) {
    const room = await namedRoom(call);
    if (!room) return;
    if (room.type === 'd') fail('error-room-type-not-archivable', 'Room type: d can not be archived');
    await archiveRoom(call.ctx, call.caller, room);
    tell(
      call,
      room.archived
        ? `An archived Channel with name \`#${room.name}\` exists`
        : `Channel with name \`#${room.name}\` has been archived successfully`,
    );
  },
};

export const unarchive: SlashCommand = {
  command: 'unarchive',
  params: '#channel',
  description: 'Unarchive',
  permission: 'unarchive-room',
  async run(call) {
    const room = await namedRoom(call);
    if (!room) return;
    if (room.type === 'd') fail('error-room-type-not-unarchivable', 'Room type: d can not be unarchived');
    await unarchiveRoom(call.ctx, call.caller, room);
    const state = room.archived ? 'has been Unarchived successfully' : 'is already in Unarchived state';
    tell(call, `Channel with name \`#${room.name}\` ${state}`);
  },
};

const PRIVATE = /(^|\s)--private(?=\s|$)/;

export const create: SlashCommand = {
  command: 'create',
  params: '#channel',
  description: 'Create_A_New_Channel',
  permission: ['create-c', 'create-p'],
  async run(call) {
    const { ctx, caller, params } = call;
    const name = roomNameIn(ctx, params.replace(PRIVATE, ' '));
    if (name === undefined) return;
    if (await isRoomNameTaken(ctx, name)) tell(call, `The channel \`#${name}\` already exists.`);
    else await createRoom(ctx, caller, { type: PRIVATE.test(params) ? 'p' : 'c', name });
  },
};

export const hide: SlashCommand = {
  command: 'hide',
  params: '#room',
  description: 'Hide_room',
  async run(call) {
    const { ctx, caller, params } = call;
    const name = bareName(params);
    let { room } = call;
    if (name !== '') {
      const isPerson = params.trim().startsWith('@');
      const found = await (isPerson ? directRoomWith(call, name) : knownRoom(call, name));
      if (!found) return tell(call, noSuchChannel(name));
      room = found;
    }
    if (await findMembership(ctx, room.id, caller.uid)) await hideRoom(ctx, caller, room.id);
    else tell(call, `You are not in the room \`${name || room.name}\``);
  },
};

export const join: SlashCommand = {
  command: 'join',
  params: '#channel',
  description: 'Join_the_given_channel',
  permission: 'view-c-room',
  async run(call) {
    const { ctx, caller, params } = call;
    const name = bareName(params);
    if (name === '') return;
    const room = await knownRoom(call, name);
    if (room?.type !== 'c') return tell(call, noSuchChannel(name));
    if (isActiveMember(await findMembership(ctx, room.id, caller.uid))) {
      fail('error-user-already-in-room', 'You are already in the channel', { method: 'slashCommands' });
    }
    const user = await findUserById(ctx, caller.uid);
    if (!user) fail('error-invalid-user', 'Invalid user', { method: 'slashCommands' });
    await joinRoom(ctx, caller, user, room.id);
  },
};

function leaving(command: 'leave' | 'part'): SlashCommand {
  return {
    command,
    description: 'Leave_the_current_channel',
    permission: ['leave-c', 'leave-p'],
    async run(call) {
      try {
        await leaveRoom(call.ctx, call.caller, call.room.id);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        tell(call, error.reason ?? String(error.code));
      }
    },
  };
}

export const leave = leaving('leave');
export const part = leaving('part');

export const topic: SlashCommand = {
  command: 'topic',
  params: 'Slash_Topic_Params',
  description: 'Slash_Topic_Description',
  permission: 'edit-room',
  async run({ ctx, caller, room, params }) {
    if (!(await hasInRoom(ctx, caller, 'edit-room', room.id))) return;
    await saveRoomSettings(ctx, caller, room.id, { roomTopic: params });
  },
};
