import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../../context.ts';
import { addressBlock, clientIp } from '../../kernel/client-ip.ts';
import { Refusal } from '../../kernel/errors.ts';
import { newToken } from '../../kernel/ids.ts';
import { RateLimiter } from '../../rest/rate-limiter.ts';
import { sendPage } from '../../rest/send-page.ts';
import { failedPage } from './come-back-page.ts';

/** Anybody may call these, and most calls ask a service: this often for one address. */
const LIMIT = { calls: 60, windowMs: 60_000 };

const STATUS: Readonly<Record<string, number>> = {
  'error-login-service-unknown': 404,
  'error-login-service': 502,
};

export interface BrowserCall {
  request: FastifyRequest;
  reply: FastifyReply;
  ip: string;
  site: string;
  nonce: string;
  sendPage(html: string): FastifyReply;
}

export type BrowserDoor = (
  answer: (call: BrowserCall) => Promise<FastifyReply>,
) => (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

/** Where browsers begin logins by services and come back to: each route with its limit, and refusals as pages. */
export const browserDoor =
  (ctx: Context): BrowserDoor =>
  (answer) => {
    const limiter = new RateLimiter();
    return async (request, reply) => {
      const nonce = newToken();
      const site = ctx.settings.text('Site_Name');
      const ip = clientIp(request.headers, request.raw.socket.remoteAddress, ctx.config.forwardedCount);
      const refuse = (status: number, reason: string) =>
        sendPage(reply, status, failedPage(site, reason, nonce), nonce);
      const { testMode } = ctx.config;
      if (!testMode && limiter.take(addressBlock(ip), LIMIT, ctx.clock.now()).exceeded)
        return refuse(429, 'Too many logins at once');
      try {
        const send = (html: string) => sendPage(reply, 200, html, nonce);
        return await answer({ request, reply, ip, site, nonce, sendPage: send });
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return refuse(STATUS[error.code ?? ''] ?? 400, error.reason ?? '');
      }
    };
  };

/** Sends the browser on, and nobody is told where it came from: addresses of logins are worth something. */
export const sendOn = (reply: FastifyReply, address: string, status: 302 | 303): FastifyReply =>
  reply.headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }).redirect(address, status);

/** A parameter of the address that is there once. */
export function textParameter({ query }: FastifyRequest, name: string): string | undefined {
  const value = (query as Record<string, unknown>)[name];
  return typeof value === 'string' ? value : undefined;
}

export const pathParameter = ({ params }: FastifyRequest, name: string): string =>
  (params as Record<string, string>)[name] ?? '';
