import { Type } from 'typebox';
import { RawJson } from '../kernel/raw-json.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { roomIdOrName, strict } from '../rest/schemas.ts';
import { findChannel, findGroup } from './find-room.ts';
import { leaveRoom } from './leave.ts';
import type { NamesOfMembers } from './member-names.ts';
import { presentRoom } from './present-room.ts';

/** Leaving a room over REST (spec 10 §2). The rules are in `leave.ts`; other doors call the same operation. */

const leaveChannel = (memberNames: NamesOfMembers): Endpoint =>
  endpoint({
    method: 'POST',
    path: 'channels.leave',
    summary: 'Leaves a public channel. The answer carries the channel as it is afterwards.',
    auth: 'user',
    body: roomIdOrName(),
    response: strict({
      channel: Type.Object({}, { description: 'Room, with the usernames of who is left' }),
    }),
    async handler(ctx, { caller, body }) {
      const { id } = await findChannel(ctx, body);
      const left = await leaveRoom(ctx, caller, id);
      // Only this answer names who is left, as the documented example does (spec 10 §2.1).
      const usernames = await memberNames.of(id);
      return { channel: RawJson.object({ ...presentRoom(left, caller.uid), usernames }) };
    },
  });

const leaveGroup = endpoint({
  method: 'POST',
  path: 'groups.leave',
  summary: 'Leaves a private group.',
  auth: 'user',
  body: roomIdOrName(),
  async handler(ctx, { caller, body }) {
    const { id } = await findGroup(ctx, caller, body);
    await leaveRoom(ctx, caller, id);
    return {};
  },
});

export const leaveEndpoints = (memberNames: NamesOfMembers): Endpoint[] => [
  leaveChannel(memberNames),
  leaveGroup,
];
