import { rm } from 'node:fs/promises';
import { callerFor, findUserById } from '../accounts/find-users.ts';
import type { User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import { addFile, placeBlob } from '../files/store-file.ts';
import { type Job, jobHandler } from '../jobs/job.ts';
import { escapeHtml } from '../kernel/escape-html.ts';
import { queueMail } from '../mail/send-mail.ts';
import { sendEphemeral } from '../messages/ephemeral.ts';
import { roomToExport } from '../messages/room-to-export.ts';
import { roomLabel } from '../rooms/room.ts';
import { Archive, entryName } from './archive.ts';
import { type Export, exportPath } from './export.ts';
import { deleteExports, exportById, setExportStatus } from './exports.store.ts';
import { writeRoom, writeUser } from './write-archive.ts';

const ATTEMPTS = 3;
const TYPE = 'application/zip';

/** Makes the archives, one at a time: they read a lot, and nobody waits at a desk for them. */
export const exportJob = jobHandler<'exports.write'>({
  kind: 'exports.write',
  concurrency: 1,
  single: true,
  attempts: ATTEMPTS,
  timeoutMs: 6 * 60 * 60_000,
  async run(ctx, job) {
    const wanted = await exportById(ctx.db, job.payload.id);
    if (!wanted || wanted.status === 'completed') return;
    const user = await findUserById(ctx, wanted.uid);
    if (!user?.active) return ctx.write((tx) => deleteExports(tx, { ids: [wanted.id] }));
    try {
      await ctx.write((tx) => setExportStatus(tx, wanted.id, 'exporting', ctx.clock.stamp()));
      await make(ctx, job, wanted, user);
    } catch (err) {
      if (job.attempt < ATTEMPTS) throw err;
      ctx.log.error({ err, export: wanted.id }, 'an export failed for good');
      await ctx.write((tx) => setExportStatus(tx, wanted.id, 'failed', ctx.clock.stamp()));
    }
  },
});

async function make(
  ctx: Context,
  job: Job<{ id: string }>,
  { id, uid, wish, createdAt }: Export,
  user: User,
): Promise<void> {
  const path = ctx.blobs.scratch.path();
  try {
    const archive = await Archive.open(path, job.signal);
    let subject: string;
    if (wish.kind === 'user') {
      await writeUser(ctx, archive, user, wish);
      subject = user.username ?? uid;
    } else {
      // What was allowed when it was asked for may not be any more.
      const room = await roomToExport(ctx, callerFor(user, { ip: '', userAgent: 'export' }), wish.rid);
      await writeRoom(ctx, archive, room, wish);
      subject = roomLabel(room);
    }
    await archive.finish();
    const temp = await ctx.blobs.scratch.adopt(path);
    const blob = await placeBlob(ctx, { temp, type: TYPE });
    const name = `${entryName(subject)}-${new Date(createdAt).toISOString().slice(0, 10)}.zip`;
    const url = `${ctx.settings.text('Site_Url')}${exportPath(id)}`;
    await ctx.write(async (tx, emit) => {
      await job.finish(tx);
      // The account is gone meanwhile; the bytes follow as those of a failed upload.
      if (!(await setExportStatus(tx, id, 'completed', ctx.clock.stamp()))) return;
      await addFile(ctx, tx, blob, { id, kind: 'export', uid, name, type: TYPE });
      const to = user.emails[0]?.address;
      if (to) await queueMail(ctx, { tx, emit }, { to, ...readyMail(name, url) });
    });
    // Where no mail goes out, who is connected learns of it all the same.
    if (wish.kind === 'room') sendEphemeral(ctx, uid, { rid: wish.rid, msg: `Your export is ready: ${url}` });
  } finally {
    await rm(path, { force: true });
  }
}

function readyMail(name: string, url: string): { subject: string; html: string } {
  const link = escapeHtml(url);
  return {
    subject: 'Your data file is ready to download',
    html: `<p>${escapeHtml(name)} is ready for a week, for you alone:</p><p><a href="${link}">${link}</a></p>`,
  };
}
