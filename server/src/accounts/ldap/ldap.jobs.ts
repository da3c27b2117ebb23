import { recordAction } from '../../audit/record.ts';
import type { Context } from '../../context.ts';
import { nextCronTime } from '../../jobs/cron-times.ts';
import { enqueue } from '../../jobs/enqueue.ts';
import { type JobHandler, jobHandler } from '../../jobs/job.ts';
import type { Caller } from '../../kernel/caller.ts';
import { refuse } from '../../kernel/errors.ts';
import { loadUser } from '../find-users.ts';
import type { RoomHooks } from '../room-hooks.ts';
import { LDAP, type User } from '../user.ts';
import { withDirectory } from './directory.ts';
import { parseId } from './directory-person.ts';
import { followsPictures, refreshPicture, type SetPicture } from './directory-picture.ts';
import { syncDirectory } from './sync-directory.ts';

/** `schedule`: the interval of the settings by which the job was planned; absent when somebody asked for it. */
interface SyncJob {
  schedule?: string | undefined;
}

declare module '../../jobs/job.ts' {
  interface JobPayloads {
    'ldap.sync': SyncJob;
    'ldap.picture': { uid: string };
  }
}

const KIND = 'ldap.sync';
const PICTURE = 'ldap.picture';
const DAILY = '0 0 * * *';

/** One at a time, whoever wants it. */
export const syncDirectoryJob = (rooms: RoomHooks, setPicture: SetPicture): JobHandler =>
  jobHandler({
    kind: KIND,
    concurrency: 1,
    single: true,
    attempts: 3,
    timeoutMs: 2 * 60 * 60_000,
    async run(ctx, { payload, signal }) {
      if (!ctx.settings.bool('LDAP_Enable')) return;
      // The interval was changed since, or the synchronization switched off.
      if (payload.schedule !== undefined && payload.schedule !== schedule(ctx)) return;
      ctx.log.info(
        await syncDirectory(ctx, { rooms, setPicture }, signal),
        'the LDAP directory was synchronized',
      );
    },
  });

/** Nobody waits for the picture of somebody who logs in. */
export const pictureJob = (setPicture: SetPicture): JobHandler =>
  jobHandler({
    kind: PICTURE,
    concurrency: 2,
    attempts: 3,
    timeoutMs: 2 * 60_000,
    async run(ctx, { payload: { uid } }) {
      const user = await loadUser(ctx.db, uid);
      const identity = user?.identities?.find(({ service }) => service === LDAP);
      if (!user?.active || !identity || !ctx.settings.bool('LDAP_Enable') || !followsPictures(ctx)) return;
      await withDirectory(ctx, async (directory) => {
        const [person] = await directory.findIdentified([parseId(identity.id)]);
        if (person) await refreshPicture(ctx, setPicture, directory, { user, person });
      });
    },
  });

/** Has the picture of somebody looked at who has just logged in. */
export async function refreshPictureLater(ctx: Context, { _id: uid, directoryPicture }: User): Promise<void> {
  const isNew = directoryPicture === undefined;
  if (!followsPictures(ctx) || !(isNew || ctx.settings.bool('LDAP_Update_Data_On_Login'))) return;
  await ctx.write((tx, emit) => enqueue(ctx, { tx, emit }, { kind: PICTURE, payload: { uid }, key: uid }));
}

/**
 * An administrator has the directory synchronized at once (spec 23, `ldap.syncNow`). Throws `error-not-authorized`,
 * `LDAP_disabled`.
 */
export async function syncNow(ctx: Context, caller: Caller): Promise<void> {
  if (!ctx.permissions.has(caller, 'sync-auth-services-users')) refuse('error-not-authorized');
  if (!ctx.settings.bool('LDAP_Enable')) refuse('LDAP_disabled');
  await ctx.write(async (tx, emit) => {
    await enqueue(ctx, { tx, emit }, { kind: KIND, payload: {}, key: 'now' });
    await recordAction(ctx, tx, caller, { kind: 'ldap.synchronized', subject: 'ldap', data: {} });
  });
}

/** Sees to it that the next synchronization is among the jobs, where the settings want one now and then. */
export async function planSync(ctx: Context): Promise<void> {
  const text = schedule(ctx);
  if (text === undefined) return;
  const runAt = await nextTime(text, ctx.clock.now());
  await ctx.write((tx, emit) =>
    enqueue(ctx, { tx, emit }, { kind: KIND, payload: { schedule: text }, runAt, key: `at ${text}` }),
  );
}

/** A cron expression; undefined while nothing is synchronized by itself. */
function schedule({ settings }: Context): string | undefined {
  const wanted = settings.bool('LDAP_Enable') && settings.bool('LDAP_Background_Sync');
  return wanted ? settings.text('LDAP_Background_Sync_Interval') : undefined;
}

/** ms. What is no cron expression means once a day. */
async function nextTime(text: string, now: number): Promise<number> {
  const at = await nextCronTime(text, now).catch(() => nextCronTime(DAILY, now));
  // What never comes true is planned all the same, as a time that can be stored.
  return Math.min(at, Number.MAX_SAFE_INTEGER);
}
