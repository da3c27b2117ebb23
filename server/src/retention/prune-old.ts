import { type Context, within } from '../context.ts';
import { pruneRoom } from '../messages/prune.ts';
import { getRoom } from '../rooms/get-room.ts';
import type { Room } from '../rooms/room.ts';
import type { Db } from '../storage/database.ts';
import { nextPassAt } from './pass-times.ts';
import {
  type DueRoom,
  dueRooms,
  lastPass,
  makeAllDue,
  nextMessageAt,
  type Pass,
  savePass,
  setDue,
} from './retention.store.ts';
import { type RetentionPolicy, type RetentionRule, retentionPolicy, ruleOf } from './retention-rule.ts';

const ROOMS_AT_ONCE = 50;
/** Rooms per transaction when all have to be looked at. */
const MADE_DUE_AT_ONCE = 500;
/** A room that could not be pruned is tried again then. */
const RETRY_MS = 60 * 60_000;
/** A message is stored a moment after the time that it carries: so much of what was dealt with is looked at once more. */
const LATE_MS = 60_000;

/**
 * Removes what is older than the retention policy allows (spec 11 §11). Each room says when its oldest message becomes too
 * old, so that a pass looks at the rooms where there is something to do, from where the last one ended; only after a change
 * of the policy at all of them. A pass that the end of the process broke off is made up for after the next start.
 */
export class OldMessages {
  readonly #ctx: Context;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /** Periodic: a pass when its time has come. */
  pruneIfDue(): Promise<void> {
    this.#running ??= this.#passIfDue().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    // Whoever asked for it has logged why it failed.
    await this.#running?.catch(() => {});
  }

  async #passIfDue(): Promise<void> {
    const { db, clock, settings, write } = this.#ctx;
    if (this.#stop.signal.aborted || !settings.bool('RetentionPolicy_Enabled')) return;
    const now = clock.now();
    const last = await lastPass(db);
    // The first time is that of the schedule, not the moment in which somebody saves one of ten settings.
    if (!last)
      return write(async (tx) => {
        if (!(await lastPass(tx))) await savePass(tx, { policy: '', passedAt: now });
      });
    if ((await nextPassAt(this.#ctx, last.passedAt)) <= now) await this.prune(now);
  }

  /** One pass: everything that is too old at `now`. */
  async prune(now: number): Promise<void> {
    const { db, settings, write, log } = this.#ctx;
    const policy = retentionPolicy(settings);
    const text = JSON.stringify(policy);
    const last = await lastPass(db);
    if (last?.policy !== text) await this.#makeAllDue();
    let pruned = 0;
    for (;;) {
      if (!(await isStill(db, last))) return;
      const due = await dueRooms(db, now, ROOMS_AT_ONCE);
      if (due.length === 0) break;
      pruned += await this.#pruneRooms(policy, due, now);
      if (this.#stop.signal.aborted) return;
    }
    await write(async (tx) => {
      if (await isStill(tx, last)) await savePass(tx, { policy: text, passedAt: now });
    });
    if (pruned > 0) log.info({ messages: pruned }, 'old messages were removed');
  }

  async #makeAllDue(): Promise<void> {
    let last: string | undefined = '';
    while (last !== undefined && !this.#stop.signal.aborted) {
      const after: string = last;
      last = await this.#ctx.write((tx) => makeAllDue(tx, after, MADE_DUE_AT_ONCE));
    }
  }

  async #pruneRooms(policy: RetentionPolicy, due: readonly DueRoom[], now: number): Promise<number> {
    const done: { room: DueRoom; rule: RetentionRule | undefined; nextAt: number | null }[] = [];
    let pruned = 0;
    for (const { rid, upTo } of due) {
      const room = await getRoom(this.#ctx, rid);
      if (!room) continue;
      const rule = ruleOf(policy, room);
      if (!rule) {
        done.push({ room: { rid, upTo: 0 }, rule, nextAt: null });
        continue;
      }
      try {
        const outcome = await this.#pruneRoom(room, rule, { upTo, now });
        pruned += outcome.pruned;
        // What is left of the room is found by the next start.
        if (this.#stop.signal.aborted) break;
        done.push({ room: { rid, upTo: outcome.upTo }, rule, nextAt: outcome.nextAt });
      } catch (err) {
        this.#ctx.log.error({ err, rid }, 'the old messages of a room were not removed');
        done.push({ room: { rid, upTo }, rule, nextAt: now + RETRY_MS });
      }
    }
    await this.#ctx.write(async (tx) => {
      for (const { room, rule, nextAt } of done) {
        const current = await getRoom(within(this.#ctx, tx), room.rid);
        // Somebody gave it another rule meanwhile, which made it due at once.
        if (current && JSON.stringify(ruleOf(policy, current)) === JSON.stringify(rule))
          await setDue(tx, room, nextAt);
      }
    });
    return pruned;
  }

  async #pruneRoom(
    room: Room,
    { maxAge, ...flags }: RetentionRule,
    { upTo, now }: { upTo: number; now: number },
  ): Promise<{ pruned: number; upTo: number; nextAt: number | null }> {
    const { db } = this.#ctx;
    const latest = now - maxAge;
    // Older than any message can be.
    if (latest < 0) return { pruned: 0, upTo, nextAt: null };
    const first = await nextMessageAt(db, room.id, upTo);
    const pruning = { ...flags, oldest: upTo, latest, inclusive: true, limit: 0, usernames: [] };
    const pruned =
      first !== undefined && first <= latest
        ? await pruneRoom(this.#ctx, room, pruning, this.#stop.signal)
        : 0;
    const next = await nextMessageAt(db, room.id, latest);
    return { pruned, upTo: Math.max(upTo, latest - LATE_MS), nextAt: (next ?? now) + maxAge };
  }
}

/** Whether no other node, which took over the periodic work, has made a pass since. */
const isStill = async (db: Db, pass: Pass | undefined): Promise<boolean> =>
  (await lastPass(db))?.passedAt === pass?.passedAt;
