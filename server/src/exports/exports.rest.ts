import { Type } from 'typebox';
import { mailMessages } from '../messages/mail-messages.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { dateText, freeObject, strict, textOf } from '../rest/schemas.ts';
import { DATA_DOWNLOAD_DIFFERS, presentDataDownload } from './present-export.ts';
import { requestDataDownload, requestRoomExport } from './request-export.ts';

const DAY = 24 * 60 * 60_000;
const MAX_MESSAGES = 200;
const MAX_RECEIVERS = 50;
const receivers = Type.Optional(Type.Array(Type.String(), { maxItems: MAX_RECEIVERS }));

/** What only a mail needs; a file may come with it, as the documented example does. */
const mail = {
  toUsers: receivers,
  toEmails: receivers,
  /** Separated by commas. */
  additionalEmails: Type.Optional(Type.String({ maxLength: 5000 })),
  subject: Type.Optional(Type.String()),
};
const messages = Type.Array(Type.String(), { minItems: 1, maxItems: MAX_MESSAGES });

const roomExport = endpoint({
  method: 'POST',
  path: 'rooms.export',
  summary: 'Mails messages of a room, or makes an archive of a stretch of it.',
  auth: 'user',
  body: Type.Union([
    strict({ rid: Type.String(), type: textOf('email'), ...mail, messages }),
    strict({
      rid: Type.String(),
      type: textOf('file'),
      format: textOf('html', 'json'),
      dateFrom: Type.Optional(dateText),
      dateTo: Type.Optional(dateText),
      ...mail,
      messages: Type.Optional(messages),
    }),
  ]),
  response: freeObject,
  async handler(ctx, { caller, body }) {
    const { rid } = body;
    if ('format' in body) {
      const { format, dateFrom, dateTo } = body;
      await requestRoomExport(ctx, caller, {
        ...{ rid, format: format === 'json' ? 'json' : 'html' },
        from: dateFrom === undefined ? 0 : Date.parse(dateFrom),
        // The last day belongs to it.
        to: dateTo === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(dateTo) + DAY,
      });
      return {};
    }
    const { toUsers = [], toEmails = [], additionalEmails = '', subject = '' } = body;
    const others = additionalEmails.split(',').map((address) => address.trim());
    const all = [...toEmails, ...others.slice(0, MAX_RECEIVERS)];
    const wish = { rid, messages: body.messages, toUsers, toEmails: all, subject };
    return { missing: await mailMessages(ctx, caller, wish) };
  },
});

const dataDownload = endpoint({
  method: 'GET',
  path: 'users.requestDataDownload',
  summary: 'Asks for an archive of what belongs to the caller, or how far it is.',
  auth: 'user',
  query: strict({ fullExport: Type.Optional(Type.Boolean()) }),
  response: freeObject,
  partly: DATA_DOWNLOAD_DIFFERS,
  async handler(ctx, { caller, query }) {
    return presentDataDownload(ctx, await requestDataDownload(ctx, caller, query.fullExport ?? false));
  },
});

export const exportEndpoints: Endpoint[] = [roomExport, dataDownload];
