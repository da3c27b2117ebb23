import { setImmediate as nextTurn } from 'node:timers/promises';
import { callerFor, findUserById } from '../accounts/find-users.ts';
import { importUser } from '../accounts/import-user.ts';
import { digestOf, hashDigest, randomPassword } from '../accounts/passwords.ts';
import type { RoomHooks } from '../accounts/room-hooks.ts';
import { refuseForbiddenRoles } from '../accounts/user-edit-rules.ts';
import { type Context, within } from '../context.ts';
import { type Job, type JobHandler, type JobPayloads, jobHandler } from '../jobs/job.ts';
import type { Caller } from '../kernel/caller.ts';
import { Refusal } from '../kernel/errors.ts';
import {
  announceImport,
  type ReadyMessage,
  readyImported,
  storeImported,
} from '../messages/import-messages.ts';
import { importRoom, roomsByImportId } from '../rooms/import-room.ts';
import { convertMessage } from './convert-message.ts';
import { deleteRecords, type StagedRecord, setRecordError } from './imports.store.ts';
import type { ImportOperation } from './operation.ts';
import { advance, changeOperation, endBrokenOff, operationIn } from './operation-steps.ts';
import { PENDING_WORK } from './pending-work.ts';
import { People, Places } from './people.ts';
import { recordPages } from './record-pages.ts';
import { countDone, ImportEnded, operationStillIn } from './running-import.ts';
import { dropUnselected } from './selection.ts';
import type { RecordKind, StagedRoom, StagedUser } from './staged.ts';

/** After so many people or rooms it is told how far the import is (spec 32 A). */
const BATCH = 50;
/** Messages of one transaction: whoever writes meanwhile waits for no more than that. */
const MESSAGES = 50;
const DAY_MS = 24 * 60 * 60_000;

/** Takes in what waits in an operation, some at a time; what cannot be taken in keeps waiting with the reason. */
export const importJob = (rooms: RoomHooks): JobHandler =>
  jobHandler<'imports.run'>({
    kind: 'imports.run',
    concurrency: 1,
    single: true,
    attempts: 2,
    timeoutMs: 7 * DAY_MS,
    brokenOff: endBrokenOff('importing'),
    async run(ctx, job) {
      const { id } = job.payload;
      // One that was broken off has ended (`endBrokenOff`), so that a second run finds nothing to do.
      const operation = await operationIn(ctx.db, id, 'importing');
      if (!operation) return;
      try {
        const work = PENDING_WORK[operation.importerKey];
        if (work) await work(ctx, operation, job.signal);
        else await new ImportRun(ctx, rooms, job, operation).run();
        await advance(ctx, id, 'importing', { step: 'importer_done' });
      } catch (err) {
        if (err instanceof ImportEnded) return;
        if (job.signal.aborted) throw err;
        ctx.log.error({ err, import: id }, 'an import failed');
        await advance(ctx, id, 'importing', { step: 'importer_import_failed' });
      }
    },
  });

type RunJob = Job<JobPayloads['imports.run']>;

/** What one run knows: who and which rooms were taken in, under which ids of the other system. */
class ImportRun {
  readonly #ctx: Context;
  readonly #hooks: RoomHooks;
  readonly #job: RunJob;
  readonly #key: ImportOperation['importerKey'];
  readonly #id: string;
  readonly #places = new Places();
  /** Rooms that messages came into. */
  readonly #touched = new Set<string>();
  readonly #uid: string;

  constructor(ctx: Context, hooks: RoomHooks, job: RunJob, operation: ImportOperation) {
    this.#ctx = ctx;
    this.#hooks = hooks;
    this.#job = job;
    this.#key = operation.importerKey;
    this.#id = operation.id;
    this.#uid = job.payload.uid ?? operation.uid;
  }

  async run(): Promise<void> {
    const ctx = this.#ctx;
    await dropUnselected(ctx, this.#id, this.#job.payload.wanted, this.#job.signal);
    const user = await findUserById(ctx, this.#uid);
    if (!user) throw new Error('who began the import is gone');
    const importer = callerFor(user, { ip: '', userAgent: 'import' });
    const operation = await this.#step('importer_importing_users');
    const people = await People.load(ctx, operation);
    await this.#users(people, importer);
    if (this.#key === 'api') return;
    await this.#step('importer_importing_channels');
    await this.#rooms(people, importer);
    await this.#step('importer_importing_messages');
    try {
      await this.#messages(people);
    } finally {
      // Also of an import that somebody ended: what came is there.
      await announceImport(ctx, [...this.#touched]);
    }
    await this.#step('importer_finishing');
  }

  #step(step: ImportOperation['step']): Promise<ImportOperation> {
    return this.#ctx.write(async (tx, emit) => {
      const operation = await operationStillIn(tx, this.#id, 'importing');
      return changeOperation(this.#ctx, { tx, emit }, operation, { step });
    });
  }

  /** One by one, each in a transaction of its own, so that one that is refused hinders no other. */
  async #eachRecord<K extends RecordKind>(
    kind: K,
    work: (record: StagedRecord<K>) => Promise<'completed' | 'error'>,
  ): Promise<void> {
    for await (const page of recordPages(this.#ctx, this.#id, kind, BATCH)) {
      const done = { completed: 0, error: 0 };
      for (const record of page) {
        this.#job.signal.throwIfAborted();
        done[await work(record)] += 1;
      }
      await this.#ctx.write((tx, emit) => countDone(this.#ctx, { tx, emit }, this.#id, done));
    }
  }

  async #users(people: People, importer: Caller): Promise<void> {
    // Nobody knows this password, whoever has it.
    let unknown: string | undefined;
    await this.#eachRecord('user', async ({ position, doc }) => {
      unknown ??= await hashDigest(this.#ctx, digestOf(randomPassword()));
      return this.#refusable(position, () => this.#user(people, importer, position, doc, unknown ?? ''));
    });
  }

  async #user(
    people: People,
    importer: Caller,
    position: number,
    doc: StagedUser,
    unknown: string,
  ): Promise<void> {
    const ctx = this.#ctx;
    const { passwordHash, ...given } = doc;
    // What the API took was looked at when it came.
    if (this.#key !== 'api') await refuseForbiddenRoles(ctx, importer, given.roles ?? []);
    const user = await ctx.write(async (tx, emit) => {
      const inside = within(ctx, tx);
      await operationStillIn(tx, this.#id, 'importing');
      const hash = passwordHash ?? unknown;
      const isOfFile = this.#key !== 'api';
      const options = { joins: isOfFile, adaptsUsername: isOfFile, importer: importer.uid };
      const taken = await importUser(inside, this.#hooks, { tx, emit }, { ...given, hash }, options);
      await deleteRecords(tx, this.#id, [position]);
      return taken;
    });
    people.take(given.importIds, user);
  }

  async #rooms(people: People, importer: Caller): Promise<void> {
    const former = await roomsByImportId(this.#ctx);
    await this.#eachRecord('room', ({ position, doc }) =>
      this.#refusable(position, () => this.#room(people, importer, former, position, doc)),
    );
  }

  async #room(
    people: People,
    importer: Caller,
    former: ReadonlyMap<string, string>,
    position: number,
    doc: StagedRoom,
  ): Promise<void> {
    const ctx = this.#ctx;
    const { creator, members, ...rest } = doc;
    const idOf = async (importId: string) => (await people.find(importId))?._id ?? null;
    const given = {
      ...rest,
      creatorId: creator === undefined ? undefined : await idOf(creator),
      memberIds: await Promise.all(members.map(idOf)),
    };
    const [known] = doc.importIds.flatMap((importId) => former.get(importId) ?? []);
    const room = await ctx.write(async (tx, emit) => {
      await operationStillIn(tx, this.#id, 'importing');
      const taken = await importRoom(ctx, { tx, emit }, importer, given, known);
      await deleteRecords(tx, this.#id, [position]);
      return taken;
    });
    this.#places.take(doc.importIds, doc.name, room);
  }

  async #refusable(position: number, work: () => Promise<void>): Promise<'completed' | 'error'> {
    try {
      await work();
      return 'completed';
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      await this.#ctx.write((tx) => setRecordError(tx, this.#id, position, error.message));
      return 'error';
    }
  }

  async #messages(people: People): Promise<void> {
    for await (const page of recordPages(this.#ctx, this.#id, 'message', MESSAGES))
      await this.#store(people, page);
  }

  async #store(people: People, page: readonly StagedRecord<'message'>[]): Promise<void> {
    const ctx = this.#ctx;
    const errors = new Map<number, string>();
    const ready: (ReadyMessage & { position: number })[] = [];
    for (const { position, doc } of page) {
      const message = await convertMessage(ctx, people, this.#places, doc);
      if ('error' in message) errors.set(position, message.error);
      else ready.push({ ...(await readyImported(ctx, message)), position });
      // Reading the embedded database takes no turn: others get theirs.
      await nextTurn();
    }
    this.#job.signal.throwIfAborted();
    await ctx.write(async (tx, emit) => {
      await operationStillIn(tx, this.#id, 'importing');
      const refused = await storeImported(ctx, { tx, emit }, ready);
      for (const { message, position } of ready) {
        const reason = refused.get(message._id);
        if (reason) errors.set(position, reason);
      }
      const taken = ready.filter(({ position }) => !errors.has(position));
      await deleteRecords(
        tx,
        this.#id,
        taken.map(({ position }) => position),
      );
      for (const [position, error] of errors) await setRecordError(tx, this.#id, position, error);
      await countDone(ctx, { tx, emit }, this.#id, { completed: taken.length, error: errors.size });
    });
    for (const { message } of ready) this.#touched.add(message.rid);
  }
}
