import { Type } from 'typebox';
import { endpoint } from '../rest/endpoint.ts';
import { pageOf } from '../rest/list-params.ts';
import { freeObject, pagingMembers, strict } from '../rest/schemas.ts';
import { ALL, readReceipts } from './read-receipts.ts';

export const readReceiptEndpoints = [
  endpoint({
    method: 'GET',
    path: 'chat.getMessageReadReceipts',
    summary: 'Who has read a message, where the workspace stores it.',
    auth: 'user',
    query: strict({ messageId: Type.String(), ...pagingMembers }),
    response: freeObject,
    handler: async (ctx, { caller, query }) => ({
      receipts: await readReceipts(
        ctx,
        caller,
        query.messageId,
        // Everybody, unless a page is asked for.
        pageOf(ctx.settings, query, { count: ALL.count, upperLimit: ALL.count }),
      ),
    }),
  }),
];
