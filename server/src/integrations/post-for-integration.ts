import { callerFor } from '../accounts/find-users.ts';
import type { User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import { fail } from '../kernel/errors.ts';
import type { WireMessage } from '../messages/message.ts';
import { type Post, postMessage } from '../messages/post-message.ts';
import type { Integration } from './integration.ts';

/** What a webhook, or the answer to one, asks to be posted (spec 31 §3); not checked at all. */
export type Payload = Readonly<Record<string, unknown>>;

export interface PostTarget {
  /** Whom it is posted as. */
  user: User;
  /** Where it goes unless the payload says otherwise. */
  targets: readonly string[];
  /** See `postMessage`. */
  messageId?(index: number): string;
}

/**
 * Posts a payload as `chat.postMessage` would, with the look of the webhook where the payload has none of its own
 * (spec 31 §3).
 *
 * @throws invalid-channel, and whatever posting throws
 */
export async function postForIntegration(
  ctx: Context,
  integration: Integration,
  payload: Payload,
  { user, targets, messageId }: PostTarget,
): Promise<WireMessage> {
  // Nobody works behind these requests: limits of addresses and agents do not apply.
  const caller = callerFor(user, { ip: '', userAgent: 'webhook' });
  const post = { ...postOf(payload, integration), channel: targets };
  const { message } = await postMessage(ctx, caller, post, {
    anyLength: true,
    ...(messageId ? { messageId } : {}),
  });
  return message;
}

/** Where the payload wants to go; undefined when it leaves that to the webhook. @throws invalid-channel */
export function targetsOf({ channel, roomId }: Payload): string[] | undefined {
  const given = channel ?? roomId;
  if (given === undefined || given === null || given === '') return undefined;
  const targets = Array.isArray(given) ? given : [given];
  if (!targets.every((target) => typeof target === 'string')) fail('invalid-channel');
  return targets;
}

function postOf(payload: Payload, { _id, alias, avatar, emoji }: Integration): Post {
  const text = scalarText(payload.text) ?? scalarText(payload.msg);
  const given = {
    avatar: scalarText(payload.icon_url) ?? scalarText(payload.avatar),
    emoji: scalarText(payload.icon_emoji) ?? scalarText(payload.emoji),
  };
  return {
    text: text ?? '',
    alias: scalarText(payload.username) ?? scalarText(payload.alias) ?? alias,
    // Any look of the payload replaces both of the webhook's.
    ...(given.avatar || given.emoji ? given : { avatar, emoji }),
    attachments: payload.attachments,
    tmid: scalarText(payload.tmid),
    customFields: payload.customFields,
    ...(typeof payload.parseUrls === 'boolean' ? { parseUrls: payload.parseUrls } : {}),
    ...(typeof payload.groupable === 'boolean' ? { groupable: payload.groupable } : {}),
    bot: { i: _id },
  };
}

/** Senders write numbers where texts are meant. Empty texts count as not given; anything else is refused by the posting. */
function scalarText(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
