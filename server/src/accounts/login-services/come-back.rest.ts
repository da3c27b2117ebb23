import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../../context.ts';
import { addressBlock, clientIp } from '../../kernel/client-ip.ts';
import { Refusal } from '../../kernel/errors.ts';
import { newToken } from '../../kernel/ids.ts';
import { RateLimiter } from '../../rest/rate-limiter.ts';
import { sendPage } from '../../rest/send-page.ts';
import { comeBack } from './come-back.ts';
import { comeBackPage, failedPage } from './come-back-page.ts';

/** Anybody may call this, and each call asks a service: this often for one address. */
const LIMIT = { calls: 60, windowMs: 60_000 };

/** `GET /_oauth/<service>`: where browsers come back to from the page of a login service (spec 20, "Browser flow"). */
export function loginServiceRoutes(app: FastifyInstance, ctx: Context): void {
  const limiter = new RateLimiter();
  app.get('/_oauth/:service', async (request, reply) => {
    const nonce = newToken();
    const site = ctx.settings.text('Site_Name');
    if (isTooMuch(request))
      return sendPage(reply, 429, failedPage(site, 'Too many logins at once', nonce), nonce);
    return answer(ctx, request, reply, { site, nonce });
  });

  function isTooMuch({ headers, raw }: FastifyRequest): boolean {
    if (ctx.config.testMode) return false;
    const ip = clientIp(headers, raw.socket.remoteAddress, ctx.config.forwardedCount);
    return limiter.take(addressBlock(ip), LIMIT, ctx.clock.now()).exceeded;
  }
}

async function answer(
  ctx: Context,
  { params, query }: FastifyRequest,
  reply: FastifyReply,
  { site, nonce }: { site: string; nonce: string },
): Promise<FastifyReply> {
  const { service = '' } = params as Record<string, string>;
  const given = query as Record<string, unknown>;
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  try {
    const credential = await comeBack(ctx, {
      service,
      code: text(given.code),
      state: text(given.state),
      close: 'close' in given,
    });
    return sendPage(reply, 200, comeBackPage(site, credential, nonce), nonce);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const status =
      error.code === 'error-login-service-unknown' ? 404 : error.code === 'error-login-service' ? 502 : 400;
    return sendPage(reply, status, failedPage(site, error.reason ?? '', nonce), nonce);
  }
}
