import type { Credentials } from '../client/http-connection.ts';
import { closedLoop, type LoopResult, refuseFailure } from './closed-loop.ts';

export interface PagesInput {
  port: number;
  /** With `{offset}`, a random one is put in its place. */
  path: string;
  /** The largest offset and one more. */
  offsets: number;
  readers: readonly Credentials[];
  ms: number;
}

/** The same list again and again, one page of each reader at a time. */
export function readPages({ port, path, offsets, readers, ms }: PagesInput): Promise<LoopResult> {
  return closedLoop(port, readers, { ms }, async (connection, reader) => {
    const offset = Math.floor(Math.random() * offsets);
    refuseFailure(await connection.get(path.replace('{offset}', String(offset)), reader));
  });
}
