import type { Context } from '../context.ts';
import { deleteRecordsFrom, insertRecords, type StagedRecord } from './imports.store.ts';
import { BadContent, BadImportFile, LIMITS } from './limits.ts';
import { type ImportCounts, type ImportOperation, type ImportStep, NO_COUNTS } from './operation.ts';
import { changeOperation } from './operation-steps.ts';
import { operationStillIn } from './running-import.ts';
import type { RecordKind, StagedByKind } from './staged.ts';

const BATCH = 300;
/** Characters, about: a few long messages make a batch, too. */
const BATCH_LENGTH = 1_000_000;
const MAX_DOC = 1_500_000;

const COUNTED = { user: 'users', room: 'channels', message: 'messages' } as const;

/** Writes what a file holds into the database, some hundred at a time, until somebody chooses what of it is wanted. */
export class Staging {
  readonly ctx: Context;
  readonly #id: string;
  readonly #signal: AbortSignal;
  readonly #bytes: number;
  #done = 0;
  #rate = -1;
  #waiting: StagedRecord[] = [];
  #length = 0;
  #position = 0;
  #counts: ImportCounts = NO_COUNTS;

  /** `bytes`: how much there is to look through. */
  constructor(ctx: Context, operation: ImportOperation, signal: AbortSignal, bytes: number) {
    this.ctx = ctx;
    this.#id = operation.id;
    this.#signal = signal;
    this.#bytes = Math.max(1, bytes);
  }

  get counts(): ImportCounts {
    return { ...this.#counts, total: this.#position };
  }

  /** @throws ImportEnded, BadImportFile when there are too many */
  async add<K extends RecordKind>(kind: K, doc: StagedByKind[K]): Promise<void> {
    const record: StagedRecord = { position: this.#position, kind, doc };
    const length = JSON.stringify(doc).length;
    if (length > MAX_DOC) throw new BadContent('something is too large');
    this.#position += 1;
    const name = COUNTED[kind];
    this.#counts = { ...this.#counts, [name]: this.#counts[name] + 1 };
    if (this.#counts.users > LIMITS.users || this.#counts.channels > LIMITS.rooms)
      throw new BadImportFile('there are more users or rooms in the file than are allowed');
    this.#waiting.push(record);
    this.#length += length;
    if (this.#waiting.length >= BATCH || this.#length > BATCH_LENGTH) await this.#flush();
  }

  /** Stages what `work` adds, or nothing of it, where its source turns out to be no good: that is logged by its name. True when all of it is. */
  async whole(source: string, work: () => Promise<void>): Promise<boolean> {
    const before = { position: this.#position, counts: this.#counts };
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof BadContent)) throw error;
      this.ctx.log.warn(
        { import: this.#id, source, reason: error.message },
        'a file of an import is skipped',
      );
      await this.#flush();
      while (await this.ctx.write((tx) => deleteRecordsFrom(tx, this.#id, before.position, BATCH)));
      this.#position = before.position;
      this.#counts = before.counts;
      return false;
    }
  }

  async step(step: ImportStep): Promise<void> {
    await this.#flush(step);
  }

  /** So many bytes of the file were looked at. */
  async looked(bytes: number): Promise<void> {
    this.#done += bytes;
    const rate = Math.min(100, Math.floor((100 * this.#done) / this.#bytes));
    if (rate === this.#rate) return;
    this.#rate = rate;
    await this.ctx.write(async (_tx, emit) => emit('import.prepared', { rate }));
  }

  async #flush(step?: ImportStep): Promise<void> {
    this.#signal.throwIfAborted();
    const records = this.#waiting;
    this.#waiting = [];
    this.#length = 0;
    await this.ctx.write(async (tx, emit) => {
      const operation = await operationStillIn(tx, this.#id, 'loading');
      await insertRecords(tx, this.#id, records);
      if (step) await changeOperation(this.ctx, { tx, emit }, operation, { step, counts: this.counts });
    });
  }
}
