import { fail } from '../kernel/errors.ts';
import { type DdpMethod, userMethod } from '../realtime/declarations.ts';
import {
  optionalBoolean,
  optionalObject,
  optionalText,
  textListParam,
  textParam,
} from '../realtime/params.ts';
import { presentRoom } from '../rooms/present-room.ts';
import { createDiscussion } from './create-discussion.ts';

/** The longest title a room may have. */
const MAX_TITLE = 255;

export const discussionMethods: DdpMethod[] = [
  userMethod('createDiscussion', async (ctx, { caller, params }) => {
    const given = optionalObject(params[0]) ?? {};
    const title = textParam(given.t_name);
    if (title.trim() === '' || title.length > MAX_TITLE) {
      fail('error-invalid-arguments', 'Invalid arguments', { method: 'createDiscussion' });
    }
    const { room } = await createDiscussion(ctx, caller, {
      parentId: textParam(given.prid),
      title,
      messageId: optionalText(given.pmid),
      reply: optionalText(given.reply),
      topic: optionalText(given.topic),
      users: given.users === undefined || given.users === null ? [] : textListParam(given.users),
      encrypted: optionalBoolean(given.encrypted),
    });
    return { ...presentRoom(room, caller.uid), rid: room.id };
  }),
];
