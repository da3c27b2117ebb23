import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Context } from '../context.ts';
import { type AnswerHead, type GuardedRequest, guardedFetch } from '../outbound/guarded-fetch.ts';
import { OutboundError } from '../outbound/outbound-error.ts';
import type { TempFile } from './blobs/scratch.ts';

/**
 * Fetches a file from another server onto our disk, without holding more than a piece of it in memory. Whoever calls removes
 * the temporary file.
 *
 * @throws OutboundError, also for an answer that is no file
 */
export async function downloadToDisk(
  ctx: Context,
  url: string,
  options: Pick<GuardedRequest, 'maxBytes' | 'timeoutMs' | 'signal'>,
): Promise<{ temp: TempFile; answer: AnswerHead }> {
  // It may fail before anybody reads from it.
  const pipe = new PassThrough().on('error', () => {});
  const received = ctx.blobs.scratch.receive(pipe);
  received.catch(() => {});
  try {
    const answer = await guardedFetch(ctx, url, {
      ...options,
      async sink(piece, head) {
        refuseOthers(head);
        // The disk may be full: then nobody drains it.
        if (!pipe.write(piece)) await Promise.race([once(pipe, 'drain'), received]);
      },
    });
    refuseOthers(answer);
    pipe.end();
    return { temp: await received, answer };
  } catch (error) {
    pipe.destroy(error as Error);
    await received.catch(() => {});
    throw error;
  }
}

function refuseOthers({ status }: AnswerHead): void {
  if (status !== 200) throw new OutboundError('network', `the answer has the status ${status}`);
}
