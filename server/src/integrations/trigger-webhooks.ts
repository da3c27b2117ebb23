import { loadUser, loadUserByUsername } from '../accounts/find-users.ts';
import { type Context, type WriteScope, within } from '../context.ts';
import { enqueue } from '../jobs/enqueue.ts';
import { newId } from '../kernel/ids.ts';
import type { WireMessage } from '../messages/message.ts';
import type { MessageSaved } from '../messages/messages.events.ts';
import { getRoom } from '../rooms/get-room.ts';
import type { RoomCreated } from '../rooms/rooms.events.ts';
import type { CommitHooks } from '../storage/write.ts';
import type { Outgoing, WebhookEvent } from './integration.ts';
import type { OutgoingTable } from './outgoing-table.ts';
import {
  fileUploadedData,
  messageData,
  roomCreatedData,
  roomEventData,
  userCreatedData,
} from './webhook-data.ts';
import './webhook-job.ts';

/**
 * Which outgoing webhooks run (spec 31 §4.1). The jobs that call them are written in the transaction of what happened: a
 * server that is killed between the two calls them after its next start, and what was rolled back calls nobody.
 */
export function triggerWebhooks(ctx: Context, hooks: CommitHooks, table: OutgoingTable): void {
  hooks.on('message.saved', (saved, scope) => {
    const event = eventOf(saved.message);
    const isFile = saved.isNew && saved.message.files !== undefined && table.of('fileUploaded').length > 0;
    const isWanted =
      event !== undefined && (saved.isNew || saved.edited === true) && table.of(event).length > 0;
    if (!isWanted && !isFile) return undefined;
    return messageSaved(within(ctx, scope.tx), scope, table, saved, isWanted ? event : undefined, isFile);
  });
  hooks.on('room.created', (created, scope) => {
    const candidates = table.of('roomCreated');
    return candidates.length === 0 ? undefined : roomCreated(ctx, scope, candidates, created);
  });
  hooks.on('user.created', ({ user }, scope) => {
    const candidates = table.of('userCreated');
    if (candidates.length === 0) return undefined;
    return callAll(ctx, scope, candidates, { event: 'userCreated', data: userCreatedData(user) });
  });
}

/** Of somebody who was added or removed the message names only the username; it is by whoever did it. */
const DONE_TO_SOMEBODY = new Set(['au', 'added-user-to-team', 'ru', 'removed-user-from-team']);

/** System messages tell of what people did to rooms; all but these cause nothing. */
function eventOf({ t }: WireMessage): WebhookEvent | undefined {
  switch (t) {
    case undefined:
    case 'e2e':
      return 'sendMessage';
    case 'room-archived':
      return 'roomArchived';
    case 'uj':
    case 'ujt':
    case 'ut':
    case 'au':
    case 'added-user-to-team':
      return 'roomJoined';
    case 'ul':
    case 'ult':
    case 'ru':
    case 'removed-user-from-team':
      return 'roomLeft';
    default:
      return undefined;
  }
}

async function messageSaved(
  ctx: Context,
  scope: WriteScope,
  table: OutgoingTable,
  saved: MessageSaved,
  event: WebhookEvent | undefined,
  isFile: boolean,
): Promise<void> {
  const { message, room } = saved;
  const channels = await channelsOf(ctx, saved);
  const meant = (which: WebhookEvent) =>
    table.of(which).filter((one) => isMeant(one, channels) && !isFrom(one, message));
  if (isFile) {
    const data = await fileUploadedData(ctx, saved);
    await callAll(ctx, scope, meant('fileUploaded'), { event: 'fileUploaded', data, rid: room.id });
  }
  if (event === 'sendMessage') {
    const data = messageData(ctx, saved);
    for (const integration of meant(event)) {
      const triggerWord = wordIn(message.msg, integration);
      if (triggerWord === undefined || (!saved.isNew && !integration.runOnEdits)) continue;
      await callAll(ctx, scope, [integration], {
        ...{ event, data, rid: room.id },
        ...(triggerWord === '' ? {} : { triggerWord }),
      });
    }
  } else if (event !== undefined && saved.isNew) {
    const which = event === 'roomArchived' ? table.of(event) : meant(event);
    if (which.length === 0) return;
    const user = DONE_TO_SOMEBODY.has(message.t ?? '')
      ? await loadUserByUsername(ctx.db, message.msg)
      : await loadUser(ctx.db, message.u._id);
    const data = await roomEventData(ctx, room.id, user);
    if (data) await callAll(ctx, scope, which, { event, data, rid: room.id });
  }
}

async function roomCreated(
  ctx: Context,
  scope: WriteScope,
  candidates: readonly Outgoing[],
  { room, creatorId }: RoomCreated,
): Promise<void> {
  const owner = await loadUser(scope.tx, creatorId);
  if (!owner) return;
  const data = roomCreatedData(room, owner);
  await callAll(ctx, scope, candidates, { event: 'roomCreated', data, rid: room._id });
}

/** Under which names a webhook may be bound to the room (spec 31 §4.1). */
async function channelsOf(ctx: Context, { message, room }: MessageSaved): Promise<Set<string>> {
  if (room.type === 'd') {
    const details = (await getRoom(ctx, room.id))?.details;
    return new Set([
      'all_direct_messages',
      ...(details?.uids ?? []).map((uid) => `@${uid}`),
      // Whoever is written to, not who writes.
      ...(details?.usernames ?? []).filter((name) => name !== message.u.username).map((name) => `@${name}`),
    ]);
  }
  const scope = room.type === 'c' ? 'all_public_channels' : 'all_private_groups';
  return new Set([scope, `#${room.id}`, `#${room.name}`]);
}

/** One that is bound to nothing counts as bound to all public channels. */
const isMeant = ({ channel }: Outgoing, channels: ReadonlySet<string>): boolean =>
  channel.length === 0 ? channels.has('all_public_channels') : channel.some((name) => channels.has(name));

/**
 * Webhooks hear each other, but none hears itself: a receiver whose answers are posted into its own room would be called for
 * them without end.
 */
const isFrom = ({ _id }: Outgoing, { bot }: WireMessage): boolean =>
  typeof bot === 'object' && bot !== null && 'i' in bot && bot.i === _id;

/** The first trigger word in the text, `''` when the webhook asks for none, undefined when none is there. */
function wordIn(text: string, { triggerWords, triggerWordAnywhere }: Outgoing): string | undefined {
  if (!triggerWords?.length) return '';
  return triggerWords.find((word) => (triggerWordAnywhere ? text.includes(word) : text.startsWith(word)));
}

interface Happened {
  event: WebhookEvent;
  data: Record<string, unknown>;
  rid?: string;
  triggerWord?: string;
}

/** One job for each address: one that hangs must not hold up the others. */
async function callAll(
  ctx: Context,
  scope: WriteScope,
  integrations: readonly Outgoing[],
  happened: Happened,
): Promise<void> {
  for (const { _id, urls } of integrations) {
    for (const url of urls) {
      const payload = { id: newId(), integrationId: _id, url, ...happened, tries: 0 };
      await enqueue(ctx, scope, { kind: 'integrations.deliver', payload });
    }
  }
}
