import { findUserById, findUserByUsername } from '../accounts/find-users.ts';
import { addGlobalRole } from '../accounts/user-roles.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import { parseChannels, refuseForeignChannels } from './channels-of-integration.ts';
import type { Incoming } from './integration.ts';
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
import { newWebhookToken } from './webhook-token.ts';

export interface IncomingInput extends IntegrationInput {
  overrideDestinationChannelEnabled?: boolean;
}

/**
 * Creates an incoming webhook (spec 31 §2.1). Whom it posts as becomes a bot, which may show other names and pictures.
 *
 * @throws not_authorized, error-invalid-channel, error-invalid-channel-start-with-chars, error-invalid-username,
 *   error-invalid-user, error-invalid-room, plain `integration-scripts-disabled`
 */
export async function addIncoming(ctx: Context, caller: Caller, input: IncomingInput): Promise<Incoming> {
  const method = 'addIncomingIntegration';
  refuseUnentitled(ctx, caller, method);
  const channel = channelsOf(input, method);
  if (!input.username?.trim()) fail('error-invalid-username', 'Invalid username', { method });
  refuseFrozenScript(ctx, input);
  const user = await findUserByUsername(ctx, input.username);
  if (!user?.username) fail('error-invalid-user', 'Invalid user', { method });
  await refuseForeignChannels(ctx, caller, channel, { direction: 'incoming', method });
  const now = new Date(ctx.clock.stamp());
  const integration: Incoming = {
    _id: newId(),
    type: 'webhook-incoming',
    name: input.name,
    enabled: input.enabled,
    username: user.username,
    userId: user._id,
    channel,
    ...lookOf(input),
    token: newWebhookToken(),
    overrideDestinationChannelEnabled: input.overrideDestinationChannelEnabled ?? false,
    ...(await scriptOf(ctx, input)),
    _createdAt: now,
    _createdBy: callerName(caller),
    _updatedAt: now,
  };
  await ctx.write(async (tx, emit) => {
    await addGlobalRole(tx, emit, ctx, user._id, 'bot');
    await insertIntegration(tx, integration);
    integrationChanged(emit, integration);
  });
  return integration;
}

/**
 * Changes an incoming webhook; its user and its token stay (spec 31 §2.1).
 *
 * @throws not_authorized, error-invalid-integration, error-invalid-post-as-user, and the refusals about channels
 */
export async function updateIncoming(
  ctx: Context,
  caller: Caller,
  id: string,
  input: IncomingInput,
): Promise<Incoming> {
  const method = 'updateIncomingIntegration';
  refuseUnentitled(ctx, caller, method);
  const channel = channelsOf(input, method);
  const known = await integrationById(ctx.db, id);
  if (known?.type !== 'webhook-incoming' || !mayManage(ctx, caller, known)) {
    fail('error-invalid-integration', 'Invalid integration', { method });
  }
  await refuseForeignChannels(ctx, caller, channel, { direction: 'incoming', method });
  const user = await findUserById(ctx, known.userId);
  if (!user?.username) fail('error-invalid-post-as-user', 'Invalid Post As User', { method });
  refuseFrozenScript(ctx, input, known);
  const { username } = user;
  const script = await scriptOf(ctx, input);
  return ctx.write(async (tx, emit) => {
    const current = await lockIntegration(tx, id);
    if (current?.type !== 'webhook-incoming') {
      fail('error-invalid-integration', 'Invalid integration', { method });
    }
    const { alias: _a, avatar: _v, emoji: _e, ...rest } = current;
    const { script: _s, scriptCompiled: _c, scriptError: _r, skipTranspile: _t, ...kept } = rest;
    const updated: Incoming = {
      ...kept,
      name: input.name,
      enabled: input.enabled,
      username,
      channel,
      ...lookOf(input),
      overrideDestinationChannelEnabled:
        input.overrideDestinationChannelEnabled ?? current.overrideDestinationChannelEnabled,
      ...script,
      _updatedAt: new Date(ctx.clock.stamp()),
      _updatedBy: callerName(caller),
    };
    await replaceIntegration(tx, updated);
    integrationChanged(emit, updated);
    return updated;
  });
}

function refuseUnentitled(ctx: Context, caller: Caller, method: string): void {
  if (managesAll(ctx, caller, 'incoming') || managesOwn(ctx, caller, 'incoming')) return;
  fail('not_authorized', 'Unauthorized', { method });
}

function channelsOf({ channel }: IncomingInput, method: string): string[] {
  if (!channel?.trim()) fail('error-invalid-channel', 'Invalid channel', { method });
  return parseChannels(channel, method);
}
