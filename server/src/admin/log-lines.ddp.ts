import type { LogLines } from '../kernel/log-lines.ts';
import type { StreamDeclaration, Streams } from '../realtime/declarations.ts';

/** The stream `stdout` (spec 40 §8.10): each line of this node's log as it is written. Others' would tell of telling them. */
export const logStream: StreamDeclaration = {
  name: 'stdout',
  mayRead: (ctx, { caller }) => caller !== null && ctx.permissions.has(caller, 'view-logs'),
};

export function wireLogLines(streams: Streams, log: LogLines): void {
  log.follow(({ ts, ...line }) => {
    if (streams.hasListeners('stdout', 'stdout'))
      streams.emit('stdout', 'stdout', [{ ...line, ts: new Date(ts) }]);
  });
}
