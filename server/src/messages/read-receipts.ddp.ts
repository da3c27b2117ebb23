import { userMethod } from '../realtime/declarations.ts';
import { objectParam, textParam } from '../realtime/params.ts';
import { readReceipts } from './read-receipts.ts';

export const readReceiptMethods = [
  userMethod('getReadReceipts', (ctx, { caller, params }) =>
    readReceipts(ctx, caller, textParam(objectParam(params[0]).messageId)),
  ),
];
