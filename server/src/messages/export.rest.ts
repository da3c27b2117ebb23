import { Type } from 'typebox';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { freeObject, strict, textOf } from '../rest/schemas.ts';
import { mailMessages } from './mail-messages.ts';

const MAX_MESSAGES = 200;
const MAX_RECEIVERS = 50;
const receivers = Type.Optional(Type.Array(Type.String(), { maxItems: MAX_RECEIVERS }));

export const exportEndpoints: Endpoint[] = [
  endpoint({
    method: 'POST',
    path: 'rooms.export',
    summary: 'Mails messages of a room.',
    auth: 'user',
    body: strict({
      rid: Type.String(),
      type: textOf('email'),
      toUsers: receivers,
      toEmails: receivers,
      /** Separated by commas. */
      additionalEmails: Type.Optional(Type.String({ maxLength: 5000 })),
      subject: Type.Optional(Type.String()),
      messages: Type.Array(Type.String(), { minItems: 1, maxItems: MAX_MESSAGES }),
    }),
    response: freeObject,
    partly: 'Only by mail: exports to a file are not built yet, so `type` `file` is refused as unknown.',
    async handler(ctx, { caller, body }) {
      const { rid, messages, toUsers = [], toEmails = [], additionalEmails = '', subject = '' } = body;
      const others = additionalEmails.split(',').map((address) => address.trim());
      const all = [...toEmails, ...others.slice(0, MAX_RECEIVERS)];
      return { missing: await mailMessages(ctx, caller, { rid, messages, toUsers, toEmails: all, subject }) };
    },
  }),
];
