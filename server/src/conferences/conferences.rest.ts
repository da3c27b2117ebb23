import { Type } from 'typebox';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { pageMembers, pageOf } from '../rest/list-params.ts';
import { freeObject, pagingMembers, strict } from '../rest/schemas.ts';
import {
  cancelConference,
  conferenceFor,
  joinConference,
  legacyTimeout,
  pageOfConferences,
  startConference,
} from './conferences.ts';
import { activeProvider, CAPABILITIES, PROVIDERS } from './providers.ts';

/** Calls of rooms (spec 11 §15). */

const callId = Type.String();

export const conferenceEndpoints: Endpoint[] = [
  endpoint({
    method: 'POST',
    path: 'video-conference.start',
    summary: 'Begins a call in a room.',
    auth: 'user',
    rateLimit: { calls: 3, windowMs: 60_000 },
    body: strict({
      roomId: Type.String(),
      title: Type.Optional(Type.String({ maxLength: 500 })),
      allowRinging: Type.Optional(Type.Boolean()),
    }),
    response: freeObject,
    async handler(ctx, { caller, body }) {
      const { roomId: rid, title, allowRinging } = body;
      return { data: await startConference(ctx, caller, { rid, title, allowRinging }) };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'video-conference.join',
    summary: 'Where to go to take part in a call.',
    auth: 'user-or-anon',
    rateLimit: { calls: 2, windowMs: 5000 },
    body: strict({
      callId,
      state: Type.Optional(
        strict({ mic: Type.Optional(Type.Boolean()), cam: Type.Optional(Type.Boolean()) }),
      ),
    }),
    response: freeObject,
    handler: (ctx, { caller, body }) => joinConference(ctx, caller, body.callId, body.state ?? {}),
  }),
  endpoint({
    method: 'POST',
    path: 'video-conference.cancel',
    summary: 'Ends a call between two people that still rings.',
    auth: 'user',
    body: strict({ callId }),
    async handler(ctx, { caller, body }) {
      await cancelConference(ctx, caller, body.callId);
      return {};
    },
  }),
  endpoint({
    method: 'GET',
    path: 'video-conference.info',
    summary: 'One call.',
    auth: 'user',
    query: strict({ callId }),
    response: freeObject,
    async handler(ctx, { caller, query }) {
      return { ...(await conferenceFor(ctx, caller, query.callId)), capabilities: CAPABILITIES };
    },
  }),
  endpoint({
    method: 'GET',
    path: 'video-conference.list',
    summary: 'The calls of a room, the newest first.',
    auth: 'user',
    query: strict({ roomId: Type.String(), ...pagingMembers }),
    response: freeObject,
    async handler(ctx, { caller, query }) {
      const page = pageOf(ctx.settings, query);
      const { conferences, total } = await pageOfConferences(ctx, caller, query.roomId, page);
      return { data: conferences, ...pageMembers(page, conferences, total) };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'video-conference/jitsi.update-timeout',
    summary: 'Until when a call is shown, for clients of before 5.0.',
    auth: 'user',
    body: strict({ roomId: Type.String() }),
    response: freeObject,
    async handler(ctx, { caller, body }) {
      return { jitsiTimeout: await legacyTimeout(ctx, caller, body.roomId) };
    },
  }),
  endpoint({
    method: 'GET',
    path: 'video-conference.capabilities',
    summary: 'What the provider of calls can do.',
    auth: 'user',
    response: freeObject,
    handler: (ctx) => ({ providerName: activeProvider(ctx), capabilities: CAPABILITIES }),
  }),
  endpoint({
    method: 'GET',
    path: 'video-conference.providers',
    summary: 'Who may be the provider of calls.',
    auth: 'user',
    response: freeObject,
    handler: () => ({ data: PROVIDERS }),
  }),
];
