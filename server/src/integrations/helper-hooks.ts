import { callerFor, findUserById } from '../accounts/find-users.ts';
import type { Context } from '../context.ts';
import { fail, refuse } from '../kernel/errors.ts';
import type { Incoming, Outgoing } from './integration.ts';
import { findIntegration, removeIntegration } from './manage-integrations.ts';
import type { Payload } from './post-for-integration.ts';
import { addOutgoing } from './save-outgoing.ts';

/**
 * What services such as Zapier use to see sample data, and to subscribe and unsubscribe themselves (spec 31 §3.2). They act
 * for whoever the incoming webhook posts as, with that account's permissions.
 */

export function sampleDeliveries(ctx: Context): object[] {
  return [1, 2, 3].map((n) => ({
    token: 'sample-token',
    channel_id: `sample-channel-${n}`,
    channel_name: 'general',
    timestamp: new Date(ctx.clock.now()),
    user_id: 'rocket.cat',
    user_name: 'rocket.cat',
    text: `Sample text ${n}`,
    trigger_word: 'Sample',
  }));
}

/** @throws as `addOutgoing` */
export async function subscribeHook(ctx: Context, hook: Incoming, body: Payload): Promise<Outgoing> {
  const { name, target_url: url, data, event } = body;
  if (event !== 'newMessageOnChannel' && event !== 'newMessageToUser') refuse('error-invalid-event-type');
  const more = typeof data === 'object' && data !== null ? (data as Payload) : {};
  const words = Array.isArray(more.trigger_words)
    ? more.trigger_words.filter((word) => typeof word === 'string')
    : typeof more.trigger_words === 'string'
      ? more.trigger_words
      : undefined;
  return addOutgoing(ctx, await callerOf(ctx, hook), {
    name: typeof name === 'string' ? name : 'Subscription',
    enabled: true,
    username: 'rocket.cat',
    event: 'sendMessage',
    channel: channelOf(event, more),
    urls: typeof url === 'string' ? [url] : [],
    scriptEnabled: false,
    ...(words === undefined ? {} : { triggerWords: words }),
  });
}

function channelOf(event: string, { channel_name: channel, username }: Payload): string {
  if (event === 'newMessageToUser' && typeof username === 'string') return `@${username.replace(/^@/, '')}`;
  return typeof channel === 'string' && channel !== ''
    ? `#${channel.replace(/^#/, '')}`
    : 'all_public_channels';
}

/** @throws plain `integration-not-found`, not_authorized, error-invalid-integration */
export async function unsubscribeHook(ctx: Context, hook: Incoming, body: Payload): Promise<void> {
  const { target_url: url } = body;
  const integration = typeof url === 'string' ? await findIntegration(ctx, { url }) : undefined;
  if (!integration) refuse('integration-not-found');
  await removeIntegration(ctx, await callerOf(ctx, hook), integration);
}

async function callerOf(ctx: Context, { userId }: Incoming) {
  const user = await findUserById(ctx, userId);
  if (!user?.active) fail('error-invalid-user', 'Invalid user');
  return callerFor(user, { ip: '', userAgent: 'webhook' });
}
