import type { Credentials } from '../client/http-connection.ts';
import { closedLoop, type LoopResult, refuseFailure } from './closed-loop.ts';

export interface HistoryInput {
  port: number;
  rid: string;
  readers: readonly Credentials[];
  ms: number;
  /** Undefined reads the newest page, else the page before a random moment between these two (ms). */
  between?: { from: number; to: number };
  /** Another path than that of the server, for the bare echo. */
  path?: string;
}

/** `channels.history` with 50 messages, one page of each reader at a time. */
export async function historyPages(input: HistoryInput): Promise<LoopResult & { pageBytes: number }> {
  const { port, rid, readers, ms, between, path = `/api/v1/channels.history?roomId=${rid}&count=50` } = input;
  let bytes = 0;
  let pages = 0;
  const result = await closedLoop(port, readers, { ms }, async (connection, reader) => {
    const latest = between ? `&latest=${randomTime(between)}` : '';
    const answer = await connection.get(path + latest, reader);
    refuseFailure(answer);
    bytes += answer.body.length;
    pages += 1;
  });
  return { ...result, pageBytes: Math.round(bytes / pages) };
}

function randomTime({ from, to }: { from: number; to: number }): string {
  return new Date(from + Math.random() * (to - from)).toISOString();
}
