import type { Context, WriteScope } from '../context.ts';
import { enqueue } from '../jobs/enqueue.ts';
import { jobHandler } from '../jobs/job.ts';
import { isMailConfigured } from '../mail/send-mail.ts';
import { findMessage } from '../messages/find-message.ts';
import type { MessageSent } from '../messages/messages.events.ts';
import { getRoom } from '../rooms/get-room.ts';
import type { CommitHooks } from '../storage/write.ts';
import { hasReceivers, offlineReceivers } from './offline-receivers.ts';
import type { PushDevices } from './push-devices.ts';
import { pushGateway } from './push-gateway.ts';
import { pushTokensOfUsers } from './push-tokens.store.ts';

/**
 * Members who are not looking are told of a message on their devices and by mail (spec 30 §4.11). The transaction of the
 * message writes one job, which finds out who wants what; each push message and each mail then is a job of its own, that
 * waits a while for somebody who is there and may read the message meanwhile.
 */

declare module '../jobs/job.ts' {
  interface JobPayloads {
    'notifications.tell': {
      messageId: string;
      alertedIds: readonly string[];
      followerIds: readonly string[];
    };
  }
}

/** Whoever is there may read the message before anything else has to tell of it. */
const PATIENCE_MS = 120_000;

const isMailWanted = (ctx: Context): boolean =>
  ctx.settings.bool('Accounts_AllowEmailNotifications') && isMailConfigured(ctx);

const isPushWanted = (ctx: Context): boolean => pushGateway(ctx) !== undefined;

/** Writes the job with the message; costs nothing where nobody can be told. */
export function tellOfMessages(ctx: Context, hooks: CommitHooks, devices: PushDevices): void {
  hooks.on('message.sent', (sent, scope) => {
    if (ctx.settings.bool('Troubleshoot_Disable_Notifications')) return undefined;
    if (!(isPushWanted(ctx) && devices.any) && !isMailWanted(ctx)) return undefined;
    return tellLater(ctx, scope, sent);
  });
}

async function tellLater(ctx: Context, scope: WriteScope, sent: MessageSent): Promise<void> {
  if (!(await hasReceivers(ctx, scope.tx, sent))) return;
  const { message, alertedIds, followerIds } = sent;
  const payload = { messageId: message._id, alertedIds, followerIds };
  await enqueue(ctx, scope, { kind: 'notifications.tell', payload });
}

export const tellJob = jobHandler({
  kind: 'notifications.tell',
  concurrency: 2,
  attempts: 5,
  timeoutMs: 60_000,
  async run(ctx, job) {
    const { messageId, alertedIds, followerIds } = job.payload;
    const message = await findMessage(ctx, messageId);
    const room = message && (await getRoom(ctx, message.rid));
    if (!message || !room) return;
    // @here is for those who are here.
    const groupMention = message.mentions?.some(({ _id }) => _id === 'all') ?? false;
    const wishing = await offlineReceivers(ctx, { message, room, alertedIds, followerIds, groupMention });
    const pushed = wishing.filter(({ push }) => push && isPushWanted(ctx)).map(({ user }) => user);
    const mailed = wishing.filter(({ mail }) => mail && isMailWanted(ctx)).map(({ user }) => user);
    const devices = await pushTokensOfUsers(
      ctx.db,
      pushed.map((user) => user._id),
    );
    const online = new Set(pushed.filter((user) => user.statusConnection === 'online').map(({ _id }) => _id));
    await ctx.write(async (tx, emit) => {
      const scope = { tx, emit };
      const now = ctx.clock.now();
      for (const { id, uid } of devices) {
        const runAt = online.has(uid) ? now + PATIENCE_MS : now;
        const payload = { deviceId: id, messageId };
        await enqueue(ctx, scope, { kind: 'notifications.push', payload, runAt, key: `${messageId} ${id}` });
      }
      for (const { _id: uid } of mailed) {
        const payload = { uid, messageId, isNamed: alertedIds.includes(uid) };
        await enqueue(ctx, scope, { kind: 'notifications.mail', payload, key: `${messageId} ${uid}` });
      }
      await job.finish(tx);
    });
  },
});
