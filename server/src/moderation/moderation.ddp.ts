import { type DdpMethod, userMethod } from '../realtime/declarations.ts';
import { textParam } from '../realtime/params.ts';
import { reportMessage } from './report-something.ts';

export const moderationMethods: DdpMethod[] = [
  userMethod('reportMessage', async (ctx, { caller, params }) => {
    await reportMessage(ctx, caller, { messageId: textParam(params[0]), description: textParam(params[1]) });
    return true;
  }),
];
