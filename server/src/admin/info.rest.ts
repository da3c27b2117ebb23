import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { type Endpoint, endpoint, RawReply } from '../rest/endpoint.ts';
import { describeServer } from './info.ts';

/** Desktop apps and embedding pages ask from other origins, whatever the CORS settings say (spec 41 §1). */
const ANY_ORIGIN = { 'access-control-allow-origin': '*' };

function infoReply(ctx: Context, caller: Caller | null, extra: Record<string, unknown> = {}): RawReply {
  return new RawReply(200, { ...extra, ...describeServer(ctx, caller), success: true }, ANY_ORIGIN);
}

export const infoEndpoints: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/api/info',
    summary: 'Tells the version; to administrators also the build and the machine.',
    auth: 'none',
    rateLimit: 'none',
    handler: (ctx, { caller }) => infoReply(ctx, caller),
  }),
  endpoint({
    method: 'GET',
    path: 'info',
    summary: 'The same for older clients, which read the version inside `info`.',
    auth: 'none',
    rateLimit: 'none',
    handler(ctx, { caller }) {
      const { version } = describeServer(ctx, null);
      return infoReply(ctx, caller, { info: { version } });
    },
  }),
];
