import type { Context } from '../context.ts';
import { jobHandler } from '../jobs/job.ts';
import { OutboundError } from '../outbound/outbound-error.ts';
import { countUnread } from '../rooms/get-room.ts';
import { type PushNotification, presentPush, presentTestPush } from './present-push.ts';
import { pushGateway, sendToGateway } from './push-gateway.ts';
import { deletePushTokenById, pushTokenById } from './push-tokens.store.ts';
import { stillUnread } from './still-unread.ts';

declare module '../jobs/job.ts' {
  interface JobPayloads {
    /** Without a message it is a test. */
    'notifications.push': { deviceId: string; messageId?: string };
  }
}

/** Pushes one message to one device, unless its owner has read it meanwhile. */
export const pushJob = jobHandler({
  kind: 'notifications.push',
  concurrency: 8,
  // Some minutes: what is later than that is no news.
  attempts: 8,
  timeoutMs: 30_000,
  async run(ctx, { id, payload, signal }) {
    const gateway = pushGateway(ctx);
    const device = await pushTokenById(ctx.db, payload.deviceId);
    if (gateway === undefined || !device) return;
    const notification = await notificationFor(ctx, device.uid, payload.messageId);
    if (!notification) return;
    try {
      const outcome = await sendToGateway(ctx, gateway, { device, notification, signal });
      if (outcome === 'gone') await ctx.write((tx) => deletePushTokenById(tx, device.id));
      if (outcome === 'refused') ctx.log.warn({ job: id }, 'the push gateway refused a message');
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error;
      // Its text may name the address, which may hold a secret of the gateway.
      throw new Error(`the push gateway could not be asked: ${error.fault}`);
    }
  },
});

async function notificationFor(
  ctx: Context,
  uid: string,
  messageId: string | undefined,
): Promise<PushNotification | undefined> {
  if (messageId === undefined) return presentTestPush(ctx, uid);
  const news = await stillUnread(ctx, uid, messageId);
  return news && presentPush(ctx, { ...news, uid, badge: await countUnread(ctx, uid) });
}
