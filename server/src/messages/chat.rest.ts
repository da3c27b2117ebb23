import { Type } from 'typebox';
import { refuse } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { freeObject, listMembers, oneOf, scalar, strict, textOf } from '../rest/schemas.ts';
import { deleteMessage, messageOfFile } from './delete-message.ts';
import { requiredMessage } from './find-message.ts';
import { dateParam, listPage, withFields } from './list-query.rest.ts';
import { pinMessage, unpinMessage } from './pin.ts';
import { type Post, postMessage } from './post-message.ts';
import { presentMessage, presentSent } from './present-messages.ts';
import { reactToMessage } from './react.ts';
import { readMessage } from './read-message.ts';
import { mentionedMessages, pinnedMessages, starredMessages } from './room-messages.ts';
import { sendMessage } from './send-message.ts';
import { starMessage } from './star.ts';
import { deletedMessages, syncMessages } from './sync-messages.ts';
import { type MessageEdit, updateMessage } from './update-message.ts';

const text = scalar('string', 'null');
const objects = Type.Unsafe<Record<string, unknown>[] | null>({
  type: ['array', 'null'],
  items: { type: 'object' },
});
const object = Type.Unsafe<Record<string, unknown> | null>({
  type: ['object', 'null'],
  additionalProperties: true,
});
const targets = Type.Unsafe<string | string[]>({ type: ['string', 'array'], items: { type: 'string' } });
const texts = Type.Array(Type.String(), { maxItems: 1000 });

const ciphertext = Type.String();
const encryptedContent = oneOf(
  strict({ algorithm: textOf('rc.v1.aes-sha2'), ciphertext }),
  strict({ algorithm: textOf('rc.v2.aes-sha2'), ciphertext, iv: Type.String(), kid: Type.String() }),
);

const sending: Endpoint[] = [
  endpoint({
    method: 'POST',
    path: 'chat.sendMessage',
    summary:
      'Sends a message to one room; the client may choose its `_id`, and sending it again changes nothing.',
    auth: 'user',
    rateLimit: { calls: 5, windowMs: 1000, per: 'user', liftedBy: 'send-many-messages' },
    body: strict({
      message: Type.Object(
        {
          _id: Type.Optional(text),
          rid: Type.Optional(text),
          tmid: Type.Optional(text),
          msg: Type.Optional(text),
          alias: Type.Optional(text),
          emoji: Type.Optional(text),
          tshow: Type.Optional(scalar('boolean', 'null')),
          avatar: Type.Optional(text),
          attachments: Type.Optional(objects),
          blocks: Type.Optional(objects),
          customFields: Type.Optional(object),
        },
        { additionalProperties: true },
      ),
      previewUrls: Type.Optional(texts),
    }),
    async handler(ctx, { caller, body }) {
      const sent = await sendMessage(ctx, caller, body.message, { previewUrls: body.previewUrls });
      return { message: presentSent(sent) };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'chat.postMessage',
    summary: 'Sends a message to channels, groups and people, by name or id.',
    auth: 'user',
    body: strict({
      roomId: Type.Optional(targets),
      channel: Type.Optional(targets),
      text: Type.Optional(text),
      msg: Type.Optional(text),
      alias: Type.Optional(text),
      username: Type.Optional(text),
      emoji: Type.Optional(text),
      icon_emoji: Type.Optional(text),
      avatar: Type.Optional(text),
      icon_url: Type.Optional(text),
      attachments: Type.Optional(objects),
      tmid: Type.Optional(text),
      customFields: Type.Optional(object),
      parseUrls: Type.Optional(Type.Boolean()),
      groupable: Type.Optional(Type.Boolean()),
      bot: Type.Optional(Type.Unknown()),
    }),
    async handler(ctx, { caller, body }) {
      if (body.roomId !== undefined && body.channel !== undefined) {
        refuse('must match exactly one schema in oneOf', 'error-invalid-params');
      }
      const { target, message } = await postMessage(ctx, caller, body as Post);
      return { ts: ctx.clock.now(), channel: target, message };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'chat.update',
    summary: 'Edits a message.',
    auth: 'user',
    body: oneOf(
      strict({
        roomId: Type.String(),
        msgId: Type.String(),
        text: Type.String(),
        previewUrls: Type.Optional(texts),
        customFields: Type.Optional(freeObject),
      }),
      strict({
        roomId: Type.String(),
        msgId: Type.String(),
        content: encryptedContent,
        e2eMentions: Type.Optional(
          strict({ e2eUserMentions: Type.Optional(texts), e2eChannelMentions: Type.Optional(texts) }),
        ),
      }),
    ),
    async handler(ctx, { caller, body }) {
      const message = await updateMessage(ctx, caller, body as MessageEdit);
      return { message: await presentMessage(ctx, caller, message) };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'chat.delete',
    summary: 'Deletes a message.',
    auth: 'user',
    body: oneOf(
      strict({ msgId: Type.String(), roomId: Type.String(), asUser: Type.Optional(Type.Boolean()) }),
      strict({ fileId: Type.String(), asUser: Type.Optional(Type.Boolean()) }),
    ),
    async handler(ctx, { caller, body }) {
      const { _id, rid, u } = await deleteMessage(
        ctx,
        caller,
        'fileId' in body ? await messageOfFile(ctx, body) : body,
      );
      return { _id, ts: String(ctx.clock.now()), message: { _id, rid, u } };
    },
  }),
];

const marking: Endpoint[] = [
  endpoint({
    method: 'POST',
    path: 'chat.react',
    summary: 'Adds the own reaction to a message, or takes it away.',
    auth: 'user',
    body: strict({
      messageId: Type.String(),
      emoji: Type.Optional(Type.String()),
      reaction: Type.Optional(Type.String()),
      shouldReact: Type.Optional(Type.Boolean()),
    }),
    async handler(ctx, { caller, body }) {
      const { messageId, emoji, reaction, shouldReact } = body;
      await reactToMessage(ctx, caller, { messageId, emoji: emoji ?? reaction ?? '', shouldReact });
      return {};
    },
  }),
  endpoint({
    method: 'POST',
    path: 'chat.pinMessage',
    summary: 'Pins a message in its room.',
    auth: 'user',
    body: strict({ messageId: Type.String() }),
    async handler(ctx, { caller, body }) {
      const message = await pinMessage(ctx, caller, await requiredMessage(ctx, body.messageId));
      return { message: await presentMessage(ctx, caller, message) };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'chat.unPinMessage',
    summary: 'Takes the pin of a message away.',
    auth: 'user',
    body: strict({ messageId: Type.String() }),
    async handler(ctx, { caller, body }) {
      await unpinMessage(ctx, caller, await requiredMessage(ctx, body.messageId));
      return {};
    },
  }),
  endpoint({
    method: 'POST',
    path: 'chat.starMessage',
    summary: 'Stars a message for the caller.',
    auth: 'user',
    body: strict({ messageId: Type.String() }),
    async handler(ctx, { caller, body }) {
      await starMessage(ctx, caller, await requiredMessage(ctx, body.messageId), true);
      return {};
    },
  }),
  endpoint({
    method: 'POST',
    path: 'chat.unStarMessage',
    summary: 'Takes the own star of a message away.',
    auth: 'user',
    body: strict({ messageId: Type.String() }),
    async handler(ctx, { caller, body }) {
      await starMessage(ctx, caller, await requiredMessage(ctx, body.messageId), false);
      return {};
    },
  }),
];

const listQuery = strict({ roomId: Type.String(), ...listMembers });

const reading: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: 'chat.getMessage',
    summary: 'One message.',
    auth: 'user',
    query: strict({ msgId: Type.String() }),
    async handler(ctx, { caller, query }) {
      return { message: (await readMessage(ctx, caller, query.msgId)) ?? refuse() };
    },
  }),
  endpoint({
    method: 'GET',
    path: 'chat.syncMessages',
    summary: 'What changed in a room since a moment: changed and deleted messages.',
    auth: 'user',
    query: strict({
      roomId: Type.String(),
      lastUpdate: Type.Optional(Type.String()),
      next: Type.Optional(Type.String()),
      previous: Type.Optional(Type.String()),
      type: Type.Optional(textOf('UPDATED', 'DELETED')),
      fromTs: Type.Optional(Type.String()),
      // Documented for clients, but of these only `count` means anything here.
      ...listMembers,
    }),
    partly:
      'At most the newest 10,000 changes and deletions are answered for one `lastUpdate`; with `type` and `next` all of them come, page by page.',
    async handler(ctx, { caller, query }) {
      const { lastUpdate, fromTs, ...rest } = query;
      const date = (value: string | undefined, name: string) =>
        value === undefined
          ? undefined
          : dateParam(
              value,
              'error-lastUpdate-param-invalid',
              `The "${name}" query parameter must be a valid date`,
            );
      const since = date(lastUpdate, 'lastUpdate');
      const notBefore = date(fromTs, 'fromTs');
      const result = await syncMessages(ctx, caller, {
        ...rest,
        ...(since === undefined ? {} : { lastUpdate: since }),
        ...(notBefore === undefined ? {} : { fromTs: notBefore }),
      });
      return { result };
    },
  }),
  endpoint({
    method: 'GET',
    path: 'chat.getPinnedMessages',
    summary: 'Pinned messages of a room.',
    auth: 'user',
    query: listQuery,
    handler: (ctx, { caller, query }) =>
      withFields(ctx.config, query.fields, 'messages', () =>
        pinnedMessages(ctx, caller, query.roomId, listPage(ctx.settings, query)),
      ),
  }),
  endpoint({
    method: 'GET',
    path: 'chat.getStarredMessages',
    summary: 'Messages of a room that the caller starred.',
    auth: 'user',
    query: listQuery,
    handler: (ctx, { caller, query }) =>
      withFields(ctx.config, query.fields, 'messages', () =>
        starredMessages(ctx, caller, query.roomId, listPage(ctx.settings, query)),
      ),
  }),
  endpoint({
    method: 'GET',
    path: 'chat.getMentionedMessages',
    summary: 'Messages of a room that mention the caller by name.',
    auth: 'user',
    query: listQuery,
    handler: (ctx, { caller, query }) =>
      withFields(ctx.config, query.fields, 'messages', () =>
        mentionedMessages(ctx, caller, query.roomId, listPage(ctx.settings, query)),
      ),
  }),
  endpoint({
    method: 'GET',
    path: 'chat.getDeletedMessages',
    summary: 'Ids of messages of a room that were deleted since a date.',
    auth: 'user',
    query: strict({ roomId: Type.String(), since: Type.String(), ...listMembers }),
    handler(ctx, { caller, query }) {
      const code = 'The "since" query parameter must be a valid date.';
      const since = dateParam(query.since, code, '');
      return deletedMessages(ctx, caller, { roomId: query.roomId, since, ...listPage(ctx.settings, query) });
    },
  }),
];

/** Single messages: sending, changing, marking, reading (spec 30). */
export const chatEndpoints: Endpoint[] = [...sending, ...marking, ...reading];
