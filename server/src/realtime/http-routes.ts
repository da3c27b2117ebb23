import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { meteorRuntimeConfig } from './meteor-config.ts';
import { sockjsInfo } from './sockjs.ts';

/**
 * The plain HTTP side of the realtime transports: SockJS discovery, `_timesync`, what Meteor clients are told before they
 * connect, and the answers to requests that should have been upgrades. The upgrades themselves never reach Fastify (see
 * `websocket.ts`).
 */
export function realtimeHttpRoutes(app: FastifyInstance, ctx: Pick<Context, 'clock' | 'settings'>): void {
  app.get('/sockjs/info', (request, reply) => {
    const { headers, body } = sockjsInfo(request.headers.origin);
    return reply.headers(headers).send(body);
  });
  app.options('/sockjs/info', (request, reply) => {
    const { headers } = sockjsInfo(request.headers.origin);
    return reply
      .headers({ ...headers, 'access-control-allow-methods': 'OPTIONS, GET' })
      .code(204)
      .send();
  });
  for (const path of ['/websocket', '/sockjs/websocket', '/sockjs/:server/:session/websocket']) {
    app.get(path, (_request, reply) =>
      reply.code(400).type('text/plain').send('Can "Upgrade" only to "WebSocket".'),
    );
  }
  // The polling and streaming transports of SockJS.
  app.all('/sockjs/*', (_request, reply) => reply.code(404).type('text/plain').send('Not Found'));
  app.get('/meteor_runtime_config.js', (request, reply) => {
    const { script, hash } = meteorRuntimeConfig(ctx);
    const { hash: wanted } = request.query as Record<string, unknown>;
    // The page that asks was made before the configuration changed.
    if (wanted !== undefined && wanted !== hash) return reply.code(404).type('text/plain').send('Not Found');
    return reply.type('application/javascript; charset=UTF-8').send(script);
  });
  app.get('/_timesync', (_request, reply) =>
    reply
      .headers({ 'cache-control': 'no-store', 'access-control-allow-origin': '*' })
      .type('text/plain')
      .send(String(ctx.clock.now())),
  );
}
