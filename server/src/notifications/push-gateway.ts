import type { Context } from '../context.ts';
import { guardedFetch } from '../outbound/guarded-fetch.ts';
import type { PushNotification } from './present-push.ts';
import type { PushToken } from './push-tokens.store.ts';

/** The vendor's gateway serves workspaces that are registered with the vendor only, which this one never is. */
export const VENDOR_GATEWAY = 'https://gateway.rocket.chat';

/** The gateway that the workspace pushes through; undefined where it pushes nothing. */
export function pushGateway({ settings }: Pick<Context, 'settings'>): string | undefined {
  if (!settings.bool('Push_enable') || !settings.bool('Push_enable_gateway')) return undefined;
  const gateway = settings.text('Push_gateway').trim().replace(/\/+$/, '');
  return gateway === '' || gateway === VENDOR_GATEWAY ? undefined : gateway;
}

/** What became of a push message: `gone` when the gateway says that there is no such device (any more). */
export type PushOutcome = 'taken' | 'gone' | 'refused';

const TIMEOUT_MS = 20_000;
const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Hands one push message for one device to the gateway. Throws when it should be tried again: the gateway cannot be reached,
 * is overloaded or failing.
 */
export async function sendToGateway(
  ctx: Context,
  gateway: string,
  {
    device,
    notification,
    signal,
  }: { device: PushToken; notification: PushNotification; signal: AbortSignal },
): Promise<PushOutcome> {
  const { status } = await guardedFetch(ctx, `${gateway}/push/${device.service}/send`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({
      token: device.value,
      options: { ...notification, topic: device.app_name, uniqueId: ctx.settings.text('uniqueID') },
    }),
    timeoutMs: TIMEOUT_MS,
    maxBytes: MAX_ANSWER_BYTES,
    whenTooLarge: 'cut',
    maxRedirects: 0,
    signal,
  });
  if (status < 300) return 'taken';
  if (status === 406 || status === 410) return 'gone';
  if (status === 429 || status >= 500) throw new Error(`the push gateway answered ${status}`);
  return 'refused';
}
