import { Type } from 'typebox';
import { endpoint } from '../rest/endpoint.ts';
import { freeObject, strict } from '../rest/schemas.ts';
import { readReceipts } from './read-receipts.ts';

export const readReceiptEndpoints = [
  endpoint({
    method: 'GET',
    path: 'chat.getMessageReadReceipts',
    summary: 'Who has read a message, where the workspace stores it.',
    auth: 'user',
    query: strict({ messageId: Type.String() }),
    response: freeObject,
    partly: 'Replies in threads count as read with their room.',
    handler: async (ctx, { caller, query }) => ({
      receipts: await readReceipts(ctx, caller, query.messageId),
    }),
  }),
];
