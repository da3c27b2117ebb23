import type { Credentials } from '../client/http-connection.ts';
import { closedLoop, type LoopResult, refuseFailure } from './closed-loop.ts';

/** Each caller joins a channel and leaves it again; one call of the loop is such a pair. */
export function joinAndLeave({
  port,
  rid,
  callers,
  ms,
}: {
  port: number;
  rid: string;
  callers: readonly Credentials[];
  ms: number;
}): Promise<LoopResult> {
  const room = { roomId: rid };
  return closedLoop(port, callers, { ms }, async (connection, caller) => {
    refuseFailure(await connection.post('/api/v1/channels.join', room, caller));
    refuseFailure(await connection.post('/api/v1/channels.leave', room, caller));
  });
}
