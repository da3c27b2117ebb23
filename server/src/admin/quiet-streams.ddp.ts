import type { StreamDeclaration, StreamRequest } from '../realtime/declarations.ts';

/**
 * Streams of parts that are not built yet. Clients subscribe to them on pages of the administration and must get an answer;
 * nothing is ever sent (spec 40 §7.5, §8.10).
 */
export const quietStreams: StreamDeclaration[] = [
  quiet('importers', 'Nothing is sent: there is no import over the API yet.', ['run-import']),
  quiet('integrationHistory', 'Nothing is sent: there are no outgoing webhooks yet.', [
    'manage-outgoing-integrations',
    'manage-own-outgoing-integrations',
  ]),
];

function quiet(name: string, partly: string, readers: readonly string[]): StreamDeclaration {
  return {
    name,
    partly,
    mayRead: (ctx, { caller }: StreamRequest) => caller !== null && ctx.permissions.hasAny(caller, readers),
  };
}
