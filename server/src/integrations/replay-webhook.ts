import type { Context } from '../context.ts';
import { enqueue } from '../jobs/enqueue.ts';
import type { Caller } from '../kernel/caller.ts';
import { newId } from '../kernel/ids.ts';
import { findMessage } from '../messages/find-message.ts';
import { getRoom } from '../rooms/get-room.ts';
import { isWebhookEvent } from './integration.ts';
import { messageData } from './webhook-data.ts';
import { historyForReplay } from './webhook-history.ts';

/**
 * Runs an outgoing webhook again for what caused an earlier run (spec 31 §2, `integrations.replayOutgoing`), as a delivery
 * of its own. A message is read anew; what else was sent is sent as it was.
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
  const data = (event === 'sendMessage' && (await currentMessageData(ctx, entry.data))) || entry.data;
  const payload = {
    ...{ id: newId(), integrationId: input.integrationId, url, event, data, tries: 0 },
    ...(triggerWord === undefined ? {} : { triggerWord }),
    ...(rid === undefined ? {} : { rid }),
  };
  await ctx.write((tx, emit) => enqueue(ctx, { tx, emit }, { kind: 'integrations.deliver', payload }));
}

async function currentMessageData(ctx: Context, data: Readonly<Record<string, unknown>>) {
  const message = typeof data.message_id === 'string' ? await findMessage(ctx, data.message_id) : undefined;
  const room = message && (await getRoom(ctx, message.rid));
  return room && messageData(ctx, { message, room, isNew: true });
}
