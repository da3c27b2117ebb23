import { Type } from 'typebox';
import { type Endpoint, endpoint, RawReply } from '../rest/endpoint.ts';
import { freeObject } from '../rest/schemas.ts';

/**
 * What clients ask at their start of parts that this workspace does not have: they are told so, instead of finding nothing
 * and asking again (spec 41 §3.2, §12).
 */
export const absentPartEndpoints: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: '/api/apps/actionButtons',
    summary: 'The buttons that installed apps add to clients: none, for there are no apps.',
    auth: 'none',
    rateLimit: 'none',
    handler: () => new RawReply(200, []),
  }),
  endpoint({
    method: 'GET',
    path: 'livechat/config',
    summary: 'How the widget on web sites works: it is switched off.',
    auth: 'none',
    query: Type.Object({
      token: Type.Optional(Type.String()),
      department: Type.Optional(Type.String()),
      businessUnit: Type.Optional(Type.String()),
    }),
    response: freeObject,
    partly: 'There is no omnichannel: the widget is always told that it is off.',
    handler: () => ({ config: { enabled: false } }),
  }),
  endpoint({
    method: 'POST',
    path: '/api/ecdh_proxy/initEncryptedSession',
    summary: 'Asks for an encrypted way to the server beside TLS: there is none.',
    auth: 'none',
    handler: () => new RawReply(200, { success: false, error: 'Not Acceptable' }),
  }),
  endpoint({
    method: 'GET',
    path: 'media-calls.state',
    summary:
      'The voice calls of the caller that have not ended: none, for no media goes through this server.',
    auth: 'user',
    response: freeObject,
    handler: () => ({ calls: [] }),
  }),
];
