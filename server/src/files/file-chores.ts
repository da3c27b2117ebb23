import type { Context } from '../context.ts';
import { dueBlobs, expiredFiles, forgetBlobs, postponeBlob } from './files.store.ts';
import { removeFiles } from './remove-files.ts';

const BATCH = 100;
/** A place for files that cannot be reached is tried again after so long. */
const RETRY_MS = 10 * 60_000;
/** For so long a node that does not find the bytes leaves them to the others, whose directory may be another. */
const MISSING_MS = 24 * 60 * 60_000;

/** Removes the bytes of files that are gone, and uploads that were never sent. */
export class FileChores {
  readonly #ctx: Context;
  #running: Promise<void> | undefined;
  #again = false;
  #closed = false;

  constructor(ctx: Context) {
    this.#ctx = ctx;
    ctx.events.on('files.removed', () => void this.sweep(), { ownOnly: true });
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
    if (this.#closed) return Promise.resolve();
    this.#again = true;
    this.#running ??= this.#walk().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** Removes what is due, for at most `ms`: a place that cannot be reached must not hold up the end. The next start goes on. */
  async close(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([this.sweep(), patience]);
    clearTimeout(timer);
    this.#closed = true;
  }

  async #walk(): Promise<void> {
    try {
      while (this.#again && !this.#closed) {
        this.#again = false;
        while ((await this.#sweepBatch()) === BATCH);
      }
    } catch (err) {
      this.#ctx.log.error({ err }, 'the bytes of removed files were not removed');
    }
  }

  async #sweepBatch(): Promise<number> {
    const { db, clock, blobs, log, write } = this.#ctx;
    const due = await dueBlobs(db, clock.now(), BATCH);
    const now = clock.now();
    const forgotten: string[] = [];
    const postponed: { key: string; missingSince: number | null }[] = [];
    for (const { store, key, missingSince } of due) {
      try {
        const wasThere = await blobs.store(store).remove(key);
        if (wasThere || !this.#mayBeElsewhere(missingSince)) forgotten.push(key);
        else postponed.push({ key, missingSince: missingSince ?? now });
      } catch (err) {
        log.error({ err, store, key }, 'the bytes of a removed file are still there');
        postponed.push({ key, missingSince });
      }
      // The database is gone; what is still written down is removed once more, which does no harm.
      if (this.#closed) return 0;
    }
    if (due.length > 0) {
      await write(async (tx) => {
        await forgetBlobs(tx, forgotten);
        for (const { key, missingSince } of postponed)
          await postponeBlob(tx, key, { dueAt: now + RETRY_MS, missingSince });
      });
    }
    return due.length;
  }

  /** Whether another node may find what this one does not. */
  #mayBeElsewhere(missingSince: number | null): boolean {
    const { config, clock } = this.#ctx;
    if (config.natsUrl === undefined) return false;
    return missingSince === null || clock.now() - missingSince < MISSING_MS;
  }
}
