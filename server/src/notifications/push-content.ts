import type { Context } from '../context.ts';
import { enqueue } from '../jobs/enqueue.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, refuse } from '../kernel/errors.ts';
import { findMessage } from '../messages/find-message.ts';
import type { WireMessage } from '../messages/message.ts';
import { presentMessage } from '../messages/present-messages.ts';
import { canAccessRoom } from '../rooms/access.ts';
import { countUnread, getRoom } from '../rooms/get-room.ts';
import { type PushNotification, presentWholePush } from './present-push.ts';
import { pushGateway } from './push-gateway.ts';
import { pushTokensOfUsers } from './push-tokens.store.ts';

/**
 * What an app shows that was pushed nothing but the id of a message (spec 23, `push.get`).
 *
 * @throws error-message-not-found, error-room-not-found, error-not-allowed (plain)
 */
export async function pushContent(
  ctx: Context,
  caller: Caller,
  messageId: string,
): Promise<{ message: WireMessage; notification: PushNotification }> {
  const message = (await findMessage(ctx, messageId)) ?? refuse('error-message-not-found');
  const room = (await getRoom(ctx, message.rid)) ?? refuse('error-room-not-found');
  if (!(await canAccessRoom(ctx, caller, room))) refuse('error-not-allowed');
  const badge = await countUnread(ctx, caller.uid);
  const notification = presentWholePush(ctx, { message, room, uid: caller.uid, badge });
  return { message: await presentMessage(ctx, caller, message), notification };
}

/** Pushes a test message to the caller's own devices; returns how many there are. @throws error-push-disabled */
export async function testPush(ctx: Context, caller: Caller): Promise<number> {
  if (pushGateway(ctx) === undefined) {
    fail('error-push-disabled', 'Push is disabled, or no gateway is configured', { method: 'push_test' });
  }
  const devices = await pushTokensOfUsers(ctx.db, [caller.uid]);
  await ctx.write(async (tx, emit) => {
    for (const { id } of devices)
      await enqueue(ctx, { tx, emit }, { kind: 'notifications.push', payload: { deviceId: id } });
  });
  return devices.length;
}
