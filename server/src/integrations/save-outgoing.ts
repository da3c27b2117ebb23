import { findUserByUsername } from '../accounts/find-users.ts';
import type { User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import { parseChannels, refuseForeignChannels } from './channels-of-integration.ts';
import {
  isWebhookEvent,
  type Outgoing,
  ROOM_SCOPES,
  WEBHOOK_EVENTS,
  type WebhookEvent,
} from './integration.ts';
import { integrationChanged } from './integration-changed.ts';
import { managesAll, managesOwn, mayManage } from './integration-rights.ts';
import {
  insertIntegration,
  integrationById,
  lockIntegration,
  replaceIntegration,
} from './integrations.store.ts';
import {
  callerName,
  type IntegrationInput,
  lookOf,
  refuseFrozenScript,
  scriptOf,
} from './save-integration.ts';

export interface OutgoingInput extends IntegrationInput {
  event: string;
  urls?: readonly string[];
  /** A list, or one text with commas. */
  triggerWords?: readonly string[] | string;
  triggerWordAnywhere?: boolean;
  targetRoom?: string;
  token?: string;
  impersonateUser?: boolean;
  runOnEdits?: boolean;
  retryFailedCalls?: boolean;
  retryCount?: number;
  retryDelay?: string;
}

const MAX_URLS = 20;
const MAX_WORDS = 200;
/** More would keep a dead address busy for months. */
const MAX_RETRIES = 20;
const DEFAULT_RETRIES = 4;

/**
 * Creates an outgoing webhook (spec 31 §2.1).
 *
 * @throws not_authorized, error-invalid-event-type, error-invalid-username, error-invalid-targetRoom, error-invalid-urls,
 *   error-invalid-channel, error-invalid-channel-start-with-chars, error-invalid-permissions, error-invalid-user,
 *   error-invalid-room
 */
export async function addOutgoing(ctx: Context, caller: Caller, input: OutgoingInput): Promise<Outgoing> {
  const method = 'addOutgoingIntegration';
  const { user, ...members } = await checked(ctx, caller, input, method);
  refuseFrozenScript(ctx, input);
  const now = new Date(ctx.clock.stamp());
  const integration: Outgoing = {
    _id: newId(),
    type: 'webhook-outgoing',
    name: input.name,
    enabled: input.enabled,
    username: user.username ?? '',
    userId: user._id,
    ...members,
    ...lookOf(input),
    ...(input.token?.trim() ? { token: input.token } : {}),
    ...(await scriptOf(ctx, input)),
    _createdAt: now,
    _createdBy: callerName(caller),
    _updatedAt: now,
  };
  await ctx.write(async (tx, emit) => {
    await insertIntegration(tx, integration);
    integrationChanged(emit, integration);
  });
  return integration;
}

/** Changes an outgoing webhook. @throws as `addOutgoing`, error-invalid-token, error-invalid-integration */
export async function updateOutgoing(
  ctx: Context,
  caller: Caller,
  id: string,
  input: OutgoingInput,
): Promise<Outgoing> {
  const method = 'updateOutgoingIntegration';
  const { user, ...members } = await checked(ctx, caller, input, method);
  if (input.token !== undefined && !input.token.trim()) {
    fail('error-invalid-token', 'Invalid token', { method });
  }
  const known = await integrationById(ctx.db, id);
  if (known?.type !== 'webhook-outgoing' || !mayManage(ctx, caller, known)) {
    fail('error-invalid-integration', 'Invalid integration', { method });
  }
  refuseFrozenScript(ctx, input, known);
  const script = await scriptOf(ctx, input);
  return ctx.write(async (tx, emit) => {
    const current = await lockIntegration(tx, id);
    if (!current) fail('error-invalid-integration', 'Invalid integration', { method });
    const token = input.token ?? current.token;
    const updated: Outgoing = {
      _id: id,
      type: 'webhook-outgoing',
      name: input.name,
      enabled: input.enabled,
      username: user.username ?? '',
      userId: user._id,
      ...members,
      ...lookOf(input),
      ...(token === undefined ? {} : { token }),
      ...script,
      _createdAt: current._createdAt,
      _createdBy: current._createdBy,
      _updatedAt: new Date(ctx.clock.stamp()),
      _updatedBy: callerName(caller),
    };
    await replaceIntegration(tx, updated);
    integrationChanged(emit, updated);
    return updated;
  });
}

async function checked(ctx: Context, caller: Caller, input: OutgoingInput, method: string) {
  if (!managesAll(ctx, caller, 'outgoing') && !managesOwn(ctx, caller, 'outgoing')) fail('not_authorized');
  const { event, username, targetRoom } = input;
  if (!isWebhookEvent(event)) fail('error-invalid-event-type', 'Invalid event type', { method });
  if (!username?.trim()) fail('error-invalid-username', 'Invalid username', { method });
  if (WEBHOOK_EVENTS[event].needsTargetRoom && !targetRoom?.trim()) {
    fail('error-invalid-targetRoom', 'Invalid Target Room', { method });
  }
  const urls = [...new Set((input.urls ?? []).map((url) => url.trim()))].filter((url) => url !== '');
  if (urls.length === 0 || urls.length > MAX_URLS) fail('error-invalid-urls', 'Invalid URLs', { method });
  const channel = await channelsFor(ctx, caller, event, input.channel, method);
  const user = await postingUser(ctx, username, method);
  await refuseForeignChannels(ctx, caller, channel, { direction: 'outgoing', method });
  const words = wordsOf(input.triggerWords);
  return {
    user,
    event,
    urls,
    channel,
    ...(words ? { triggerWords: words } : {}),
    ...(input.triggerWordAnywhere === undefined ? {} : { triggerWordAnywhere: input.triggerWordAnywhere }),
    ...(targetRoom?.trim() ? { targetRoom: targetRoom.trim() } : {}),
    ...(input.impersonateUser === undefined ? {} : { impersonateUser: input.impersonateUser }),
    ...(input.runOnEdits === undefined ? {} : { runOnEdits: input.runOnEdits }),
    ...retriesOf(input),
  };
}

async function channelsFor(
  ctx: Context,
  caller: Caller,
  event: WebhookEvent,
  channel: string | undefined,
  method: string,
): Promise<string[]> {
  if (WEBHOOK_EVENTS[event].usesChannel) {
    if (channel === undefined) fail('error-invalid-channel', 'Invalid Channel', { method });
    return parseChannels(channel, method, ROOM_SCOPES);
  }
  if (managesAll(ctx, caller, 'outgoing')) return [];
  return fail('error-invalid-permissions', 'Invalid permission for required Integration creation.', {
    method,
  });
}

async function postingUser(ctx: Context, username: string, method: string): Promise<User> {
  const user = await findUserByUsername(ctx, username);
  return (
    user ?? fail('error-invalid-user', 'Invalid user (did you delete the `rocket.cat` user?)', { method })
  );
}

function wordsOf(given: OutgoingInput['triggerWords']): string[] | undefined {
  if (given === undefined) return undefined;
  const words = typeof given === 'string' ? given.split(',') : given;
  const trimmed = words.map((word) => word.trim()).filter((word) => word !== '');
  return [...new Set(trimmed)].slice(0, MAX_WORDS);
}

function retriesOf({ retryFailedCalls, retryCount, retryDelay }: OutgoingInput) {
  if (!retryFailedCalls) return retryFailedCalls === undefined ? {} : { retryFailedCalls };
  const count =
    retryCount && retryCount > 0 ? Math.min(Math.trunc(retryCount), MAX_RETRIES) : DEFAULT_RETRIES;
  return {
    retryFailedCalls,
    retryCount: count,
    retryDelay: retryDelay?.trim() ? retryDelay.trim().toLowerCase() : 'powers-of-ten',
  };
}
