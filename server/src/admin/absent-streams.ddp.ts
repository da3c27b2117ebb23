import type { StreamDeclaration } from '../realtime/declarations.ts';

/**
 * Streams of what Gantry does not have: apps and omnichannel (spec 40 §7.5, §8.9, §8.10). Clients that know these
 * subscribe at their start: whoever would be allowed to is admitted and hears nothing.
 */

const NO_OMNICHANNEL = 'There is no omnichannel, so nothing is ever sent.';

const nobody = () => false;

export const absentStreams: StreamDeclaration[] = [
  { name: 'apps', mayRead: () => true },
  {
    name: 'canned-responses',
    partly: NO_OMNICHANNEL,
    mayRead: ({ permissions, settings }, { caller }) =>
      caller !== null &&
      settings.bool('Canned_Responses_Enable') &&
      permissions.has(caller, 'view-canned-responses'),
  },
  {
    name: 'livechat-inquiry-queue-observer',
    partly: NO_OMNICHANNEL,
    mayRead: ({ permissions }, { caller }) => caller !== null && permissions.has(caller, 'view-l-room'),
  },
  // For the visitor of a room, and there are no such rooms.
  { name: 'livechat-room', partly: NO_OMNICHANNEL, mayRead: nobody },
  // What servers of the original say to themselves.
  { name: 'apps-engine', mayRead: nobody },
  { name: 'local', mayRead: nobody },
];
