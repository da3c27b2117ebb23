import { findUserById } from '../accounts/find-users.ts';
import type { Context } from '../context.ts';
import { enqueue } from '../jobs/enqueue.ts';
import type { Caller } from '../kernel/caller.ts';
import { newId } from '../kernel/ids.ts';
import { findMessage } from '../messages/find-message.ts';
import { getRoom } from '../rooms/get-room.ts';
import { presentRoom } from '../rooms/present-room.ts';
import { isWebhookEvent, type WebhookEvent } from './integration.ts';
import {
  fileUploadedData,
  messageData,
  roomCreatedData,
  roomEventData,
  userCreatedData,
} from './webhook-data.ts';
import { historyForReplay } from './webhook-history.ts';

/**
 * Runs an outgoing webhook again for what caused an earlier run (spec 31 §2, `integrations.replayOutgoing`), as a delivery
 * of its own. What it is about is read anew; what is gone is sent as it was.
 *
 * @throws not_authorized, error-invalid-integration, error-invalid-integration-history
 */
export async function replayWebhook(
  ctx: Context,
  caller: Caller,
  input: { integrationId: string; historyId: string },
): Promise<void> {
  const entry = await historyForReplay(ctx, caller, input);
  const { event, url, triggerWord, rid } = entry;
  if (!isWebhookEvent(event)) return;
  const data = (await currentData(ctx, event, entry.data)) ?? entry.data;
  const payload = {
    ...{ id: newId(), integrationId: input.integrationId, url, event, data, tries: 0 },
    ...(triggerWord === undefined ? {} : { triggerWord }),
    ...(rid === undefined ? {} : { rid }),
  };
  await ctx.write((tx, emit) => enqueue(ctx, { tx, emit }, { kind: 'integrations.deliver', payload }));
}

async function currentData(
  ctx: Context,
  event: WebhookEvent,
  sent: Readonly<Record<string, unknown>>,
): Promise<Record<string, unknown> | undefined> {
  const idIn = (name: string): string => (typeof sent[name] === 'string' ? sent[name] : '');
  if (event === 'sendMessage' || event === 'fileUploaded') {
    const message = await findMessage(ctx, idIn('message_id'));
    const room = message && (await getRoom(ctx, message.rid));
    if (!room) return undefined;
    const saved = { message, room, isNew: true };
    return event === 'sendMessage' ? messageData(ctx, saved) : fileUploadedData(ctx, saved);
  }
  const user = await findUserById(ctx, idIn('user_id'));
  if (event === 'userCreated') return user && userCreatedData(user);
  if (event !== 'roomCreated') return roomEventData(ctx, idIn('channel_id'), user);
  const room = await getRoom(ctx, idIn('channel_id'));
  return room && user && roomCreatedData(presentRoom(room), user);
}
