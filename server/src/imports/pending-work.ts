import { changeUser } from '../accounts/change-user.ts';
import { pendingAvatars } from '../accounts/imported-people.ts';
import type { User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import { attachFetched } from '../files/attach-fetched.ts';
import { downloadToDisk } from '../files/download-to-disk.ts';
import { setAvatarByUrl } from '../files/set-avatar.ts';
import { Refusal } from '../kernel/errors.ts';
import { findMessage } from '../messages/find-message.ts';
import type { PendingFile } from '../messages/message.ts';
import { forgetPendingFile, pendingFiles } from '../messages/pending-file.ts';
import { OutboundError } from '../outbound/outbound-error.ts';
import type { ImporterKey } from './importers.ts';
import type { ImportOperation } from './operation.ts';
import { countDone } from './running-import.ts';

/** What imported messages and people are still without: files and pictures, which the other system's servers have. */

const PAGE = 50;
/** The setting for uploads does not apply (spec 32 C.4); this one does. */
const MAX_FILE = 2 * 1024 ** 3;
const FILE_MS = 15 * 60_000;

type Work = (ctx: Context, operation: ImportOperation, signal: AbortSignal) => Promise<void>;

export const PENDING_WORK: Partial<Record<ImporterKey, Work>> = {
  'pending-files': async (ctx, operation, signal) => {
    for (let after = ''; ; ) {
      const page = await pendingFiles(ctx, after, PAGE);
      for (const { messageId, file } of page) {
        signal.throwIfAborted();
        await fetchOne(ctx, operation, { message: messageId }, () => fetchFile(ctx, messageId, file, signal));
      }
      const last = page.at(-1);
      if (!last || page.length < PAGE) return;
      after = last.messageId;
    }
  },
  'pending-avatars': async (ctx, operation, signal) => {
    for (let after = ''; ; ) {
      const page = await pendingAvatars(ctx, after, PAGE);
      for (const user of page) {
        signal.throwIfAborted();
        await fetchOne(ctx, operation, { user: user._id }, () => fetchAvatar(ctx, user));
      }
      const last = page.at(-1);
      if (!last || page.length < PAGE) return;
      after = last._id;
    }
  },
};

/** One after the other: the other server is not ours. What does not come keeps waiting. */
async function fetchOne(
  ctx: Context,
  { id }: ImportOperation,
  about: object,
  work: () => Promise<void>,
): Promise<void> {
  let done = { completed: 1, error: 0 };
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Refusal) && !(error instanceof OutboundError)) throw error;
    ctx.log.warn({ import: id, ...about, reason: error.message }, 'something imported was not fetched');
    done = { completed: 0, error: 1 };
  }
  await ctx.write((tx, emit) => countDone(ctx, { tx, emit }, id, done));
}

async function fetchFile(
  ctx: Context,
  messageId: string,
  file: PendingFile,
  signal: AbortSignal,
): Promise<void> {
  const message = await findMessage(ctx, messageId);
  if (!message || message.t === 'rm') return forgetPendingFile(ctx, messageId);
  const limits = { maxBytes: MAX_FILE, timeoutMs: FILE_MS, signal };
  const { temp, answer } = await downloadToDisk(ctx, file.downloadUrl, limits);
  try {
    const type = (answer.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
    // Where the time of the address is over a page asks for a login.
    if (type === 'text/html' && !/\.html?$/i.test(file.name))
      throw new OutboundError('content-type', 'the answer is a page instead of the file');
    const fetched = { temp, name: file.name, type };
    await attachFetched(ctx, message, fetched, (current) => ({
      ...current,
      _importFile: { ...(current._importFile as object), downloaded: true },
    }));
    await forgetPendingFile(ctx, messageId);
  } finally {
    await temp.remove();
  }
}

async function fetchAvatar(ctx: Context, user: User): Promise<void> {
  if (user.pendingAvatarUrl && !user.avatarOrigin) await setAvatarByUrl(ctx, user, user.pendingAvatarUrl);
  await ctx.write((tx, emit) =>
    changeUser(ctx, tx, emit, { uid: user._id, set: { pendingAvatarUrl: undefined } }),
  );
}
