import { Type } from 'typebox';
import { type Endpoint, endpoint, RawReply } from '../rest/endpoint.ts';
import { shield } from './shield.ts';

const text = Type.Optional(Type.String({ maxLength: 100 }));

/** It is a picture: when somebody opens it by itself, nothing in it may run. */
const HEADERS = {
  'content-type': 'image/svg+xml;charset=utf-8',
  'content-security-policy': "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'",
};

export const shieldEndpoints: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: 'shield.svg',
    summary: 'A badge for other pages: who is online, a channel, or a person.',
    auth: 'none',
    rateLimit: { calls: 60, windowMs: 60_000 },
    query: Type.Object({
      type: text,
      channel: text,
      name: text,
      icon: Type.Optional(Type.Boolean()),
      username: text,
    }),
    handler: async (ctx, { caller, query }) => new RawReply(200, await shield(ctx, caller, query), HEADERS),
  }),
];
