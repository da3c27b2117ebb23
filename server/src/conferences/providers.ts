import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { refuse } from '../kernel/errors.ts';

/** Where calls happen. The only provider is a Jitsi server that the workspace names. */

export const PROVIDERS = [{ key: 'jitsi', label: 'Jitsi' }] as const;

export const CAPABILITIES = { mic: true, cam: true, title: true, persistentChat: false } as const;

/** The provider in force. @throws no-active-video-conf-provider, video-conf-provider-not-configured (plain) */
export function activeProvider(ctx: Context): string {
  const name = ctx.settings.text('VideoConf_Default_Provider').toLowerCase();
  if (!PROVIDERS.some(({ key }) => key === name)) refuse('no-active-video-conf-provider');
  if (!domainOf(ctx)) refuse('video-conf-provider-not-configured');
  return name;
}

/** A host with an optional port and path; whatever else is written there leads nowhere. */
function domainOf(ctx: Context): string | undefined {
  const domain = ctx.settings
    .text('Jitsi_Domain')
    .trim()
    .replace(/^https?:\/\//, '')
    .replace(/\/+$/, '');
  return /^[\w.-]+(:\d+)?(\/[\w./-]*)?$/.test(domain) ? domain : undefined;
}

/** The address of a call: whoever knows it may come in, so it holds the whole random id. */
export const urlOfCall = (ctx: Context, callId: string): string =>
  `https://${domainOf(ctx)}/RocketChat${callId}`;

/** The address for one participant, who wants to begin so. */
export function urlFor(
  url: string,
  { caller, title, mic, cam }: { caller: Caller | null; title?: string; mic: boolean; cam: boolean },
): string {
  const options = [
    'config.prejoinPageEnabled=false',
    `config.startWithAudioMuted=${!mic}`,
    `config.startWithVideoMuted=${!cam}`,
    ...(title ? [`config.callDisplayName=${quoted(title)}`] : []),
    ...(caller ? [`userInfo.displayName=${quoted(caller.name ?? caller.username ?? '')}`] : []),
  ];
  return `${url}#${options.join('&')}`;
}

const quoted = (text: string): string => encodeURIComponent(JSON.stringify(text));
