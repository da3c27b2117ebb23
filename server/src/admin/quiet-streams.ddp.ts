import type { StreamDeclaration } from '../realtime/declarations.ts';

/**
 * The stream of a part that is not built yet. Clients subscribe to it on a page of the administration and must get an answer;
 * nothing is ever sent (spec 40 §7.5, §8.10).
 */
export const quietStreams: StreamDeclaration[] = [
  {
    name: 'importers',
    partly: 'Nothing is sent: there is no import over the API yet.',
    mayRead: (ctx, { caller }) => caller !== null && ctx.permissions.has(caller, 'run-import'),
  },
];
