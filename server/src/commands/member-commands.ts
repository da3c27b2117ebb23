import { findUsers } from '../accounts/find-users.ts';
import type { User } from '../accounts/user.ts';
import { fail, Refusal } from '../kernel/errors.ts';
import { canAccessRoom } from '../rooms/access.ts';
import { createRoom } from '../rooms/create-room.ts';
import { addInvited } from '../rooms/invite.ts';
import { kickFromRoom } from '../rooms/kick.ts';
import { mayListMembers, pageOfMembers } from '../rooms/members.ts';
import { setMuted } from '../rooms/mute.ts';
import type { Room } from '../rooms/room.ts';
import { type CommandCall, type SlashCommand, tell } from './command.ts';
import { bareName, knownRoom, namedUser, noSuchChannel } from './rooms-by-name.ts';

/** Commands that bring people into rooms, take them out, or take the word from them (spec 31 §1.2). */

const MAX_INVITED = 100;

export const invite: SlashCommand = {
  command: 'invite',
  params: '@username',
  description: 'Invite_user_to_join_channel',
  permission: 'add-user-to-joined-room',
  async run(call) {
    const { ctx, caller, room, params } = call;
    const usernames = params.split(/[\s,]+/).map(bareName);
    const wanted = usernames.filter((name) => name !== '').slice(0, MAX_INVITED);
    if (wanted.length === 0) return;
    const users = await findUsers(ctx, { usernames: wanted });
    if (users.length === 0) return tell(call, `No user exists by the name of \`@${wanted.join(' @')}\`.`);
    await tellRefusals(call, async () => {
      const { alreadyIn, refusals } = await addInvited(ctx, caller, room, users);
      for (const { username } of alreadyIn) tell(call, `\`@${username}\` is already in here.`);
      if (refusals.length > 0) throw refusals[0];
    });
  },
};

/** What is refused is told, and that is all. */
async function tellRefusals(call: CommandCall, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const isDirect = error.code === 'error-cant-invite-for-direct-room';
    tell(
      call,
      isDirect ? 'Cannot invite users to direct rooms' : (error.reason ?? String(error.code ?? 'error')),
    );
  }
}

const NO_ACCESS = 'The room does not exist or you may not have access permission';

function inviteAll(direction: 'to' | 'from'): SlashCommand {
  return {
    command: `invite-all-${direction}`,
    params: '#room',
    description: `Invite_user_to_join_channel_all_${direction}`,
    permission:
      direction === 'to'
        ? ['add-user-to-joined-room', 'add-user-to-any-c-room', 'add-user-to-any-p-room']
        : 'add-user-to-joined-room',
    async run(call) {
      const name = bareName(call.params);
      if (name === '') return;
      const other = await knownRoom(call, name);
      const [source, target] = direction === 'to' ? [call.room, other] : [other, call.room];
      if (!source || !(await canAccessRoom(call.ctx, call.caller, source))) return tell(call, NO_ACCESS);
      await tellRefusals(call, () => addAllOf(call, source, { target, name }));
    },
  };
}

export const inviteAllTo = inviteAll('to');
export const inviteAllFrom = inviteAll('from');

/** A room that is missing is made, with the same type. */
async function addAllOf(
  call: CommandCall,
  source: Room,
  { target, name }: { target: Room | undefined; name: string },
): Promise<void> {
  const { ctx, caller } = call;
  const users = await membersOf(call, source);
  if (target) {
    const { refusals } = await addInvited(ctx, caller, target, users);
    if (refusals.length > 0) throw refusals[0];
  } else {
    if (source.type === 'd') return tell(call, noSuchChannel(name));
    const members = users.flatMap(({ username }) => username ?? []);
    const created = await createRoom(ctx, caller, { type: source.type, name, members });
    tell(call, `Channel \`#${created.name}\` created.`);
  }
  tell(call, 'The users have been added');
}

/** @throws error-user-limit-exceeded */
async function membersOf({ ctx, caller }: CommandCall, room: Room): Promise<User[]> {
  if (!(await mayListMembers(ctx, caller, room))) fail('error-not-allowed', 'Not allowed');
  const limit = ctx.settings.int('API_User_Limit');
  const { members, total } = await pageOfMembers(ctx, room, {}, { offset: 0, count: limit });
  if (total > limit) fail('error-user-limit-exceeded', 'User Limit Exceeded', { method: 'addAllToRoom' });
  return findUsers(ctx, { ids: members.map(({ _id }) => _id) });
}

export const kick: SlashCommand = {
  command: 'kick',
  params: '@username',
  description: 'Remove_someone_from_room',
  permission: 'remove-user',
  async run(call) {
    if (bareName(call.params) === '') return;
    const user = await namedUser(call, call.params);
    if (user) await kickFromRoom(call.ctx, call.caller, call.room, user);
  },
};

export const mute: SlashCommand = {
  command: 'mute',
  params: '@username',
  description: 'Mute_someone_in_room',
  permission: 'mute-user',
  async run(call) {
    if (bareName(call.params) === '') return;
    const user = await namedUser(call, call.params);
    if (!user) fail('error-user-not-in-room', 'User is not in this room', { method: 'muteUserInRoom' });
    await setMuted(call.ctx, call.caller, call.room.id, user, true);
  },
};

export const unmute: SlashCommand = {
  command: 'unmute',
  params: '@username',
  description: 'Unmute_someone_in_room',
  permission: 'mute-user',
  async run(call) {
    if (bareName(call.params) === '') return;
    const user = await namedUser(call, call.params);
    if (user) await setMuted(call.ctx, call.caller, call.room.id, user, false);
  },
};
