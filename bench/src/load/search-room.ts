import type { Credentials } from '../client/http-connection.ts';
import { closedLoop, type LoopResult, refuseFailure, type Until } from './closed-loop.ts';

/** `chat.search` in a room, the texts in turn. */
export function searchRoom({
  port,
  rid,
  searchers,
  texts,
  ...until
}: {
  port: number;
  rid: string;
  searchers: readonly Credentials[];
  texts: readonly string[];
} & Until): Promise<LoopResult> {
  let next = 0;
  return closedLoop(port, searchers, until, async (connection, searcher) => {
    const text = encodeURIComponent(texts[next++ % texts.length] ?? '');
    refuseFailure(await connection.get(`/api/v1/chat.search?roomId=${rid}&searchText=${text}`, searcher));
  });
}
