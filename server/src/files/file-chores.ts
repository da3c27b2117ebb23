import type { Context } from '../context.ts';
import { dueBlobs, expiredFiles, forgetBlobs, postponeBlob } from './files.store.ts';
import { removeFiles } from './remove-files.ts';

const BATCH = 100;
/** A place for files that cannot be reached is tried again after so long. */
const RETRY_MS = 10 * 60_000;

/** Removes the bytes of files that are gone, and uploads that were never sent. */
export class FileChores {
  readonly #ctx: Context;
  #running: Promise<void> | undefined;
  #again = false;

  constructor(ctx: Context) {
    this.#ctx = ctx;
    ctx.events.on('files.removed', () => void this.sweep());
  }

  async removeExpired(): Promise<void> {
    let found: string[];
    do {
      found = await expiredFiles(this.#ctx.db, this.#ctx.clock.now(), BATCH);
      const ids = found;
      if (ids.length > 0) await this.#ctx.write((tx, emit) => removeFiles(this.#ctx, { tx, emit }, { ids }));
    } while (found.length === BATCH);
  }

  /** At most one walk at a time. Resolves when everything that was due at the time of the call is dealt with. Never rejects. */
  sweep(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#walk().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #walk(): Promise<void> {
    try {
      while (this.#again) {
        this.#again = false;
        while ((await sweepBatch(this.#ctx)) === BATCH);
      }
    } catch (err) {
      this.#ctx.log.error({ err }, 'the bytes of removed files were not removed');
    }
  }
}

async function sweepBatch(ctx: Context): Promise<number> {
  const due = await dueBlobs(ctx.db, ctx.clock.now(), BATCH);
  const removed: string[] = [];
  const failed: string[] = [];
  for (const { store, key } of due) {
    try {
      await ctx.blobs.store(store).remove(key);
      removed.push(key);
    } catch (err) {
      ctx.log.error({ err, store, key }, 'the bytes of a removed file are still there');
      failed.push(key);
    }
  }
  if (due.length > 0) {
    await ctx.write(async (tx) => {
      await forgetBlobs(tx, removed);
      for (const key of failed) await postponeBlob(tx, key, ctx.clock.now() + RETRY_MS);
    });
  }
  return due.length;
}
