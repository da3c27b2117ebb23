import { type Credentials, type HttpAnswer, HttpConnection } from '../client/http-connection.ts';
import { type Latency, latency } from '../harness/figures.ts';

export interface LoopResult {
  calls: number;
  /** From the first call to the last answer. */
  ms: number;
  /** Per call, in ms. */
  latency: Latency;
}

export interface Until {
  /** No new call begins after this time. */
  ms: number;
  /** Nor after so many calls in all. */
  calls?: number;
}

/**
 * Each of the callers has one connection and makes one call after the other until the time is over. A call that fails
 * ends the whole loop: figures with failures in them mean nothing.
 */
export async function closedLoop(
  port: number,
  callers: readonly Credentials[],
  until: Until,
  call: (connection: HttpConnection, caller: Credentials, index: number) => Promise<void>,
): Promise<LoopResult> {
  const connections = await Promise.all(callers.map(() => HttpConnection.open(port)));
  const samples: number[] = [];
  const started = performance.now();
  const end = started + until.ms;
  let left = until.calls ?? Number.POSITIVE_INFINITY;
  try {
    await Promise.all(
      callers.map(async (caller, index) => {
        const connection = connections[index];
        while (connection && performance.now() < end && left-- > 0) {
          const began = performance.now();
          await call(connection, caller, index);
          samples.push(performance.now() - began);
        }
      }),
    );
    return { calls: samples.length, ms: performance.now() - started, latency: latency(samples) };
  } finally {
    for (const connection of connections) connection.close();
  }
}

export function refuseFailure({ status, body }: HttpAnswer): void {
  if (status !== 200) throw new Error(`answered with ${status}: ${body.toString().slice(0, 500)}`);
}
