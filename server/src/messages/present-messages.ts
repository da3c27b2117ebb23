import { findUsers } from '../accounts/find-users.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { RawJson } from '../kernel/raw-json.ts';
import { forViewer, reviveMessage, type WireMessage, wireDoc } from './message.ts';
import type { StoredMessage } from './store-message.ts';

/**
 * "Read normalisation" (spec 30 §1.1): `starred` is cut to the viewer's own entry, and people appear under their current
 * names when the workspace shows real names.
 */
export async function presentMessages(
  ctx: Context,
  viewer: Caller | null,
  messages: readonly WireMessage[],
): Promise<WireMessage[]> {
  const own = messages.map((message) => forViewer(message, viewer?.uid ?? ''));
  return ctx.settings.bool('UI_Use_Real_Name') ? withRealNames(ctx, own) : own;
}

export async function presentMessage(
  ctx: Context,
  viewer: Caller | null,
  message: WireMessage,
): Promise<WireMessage> {
  const [presented] = await presentMessages(ctx, viewer, [message]);
  return presented ?? message;
}

/** What was just sent, for its sender: under the names that it was sent with, and not written as JSON again. */
export const presentSent = ({ message, doc }: StoredMessage): WireMessage | RawJson =>
  doc === undefined ? message : new RawJson(wireDoc(doc));

/** As `presentMessages`, for answers that pass stored documents on: most need no change and are not even parsed. */
export async function presentDocuments(
  ctx: Context,
  viewer: Caller | null,
  docs: readonly string[],
): Promise<RawJson> {
  if (!ctx.settings.bool('UI_Use_Real_Name') && !docs.some(hasStars)) return RawJson.list(docs.map(wireDoc));
  const messages = await presentMessages(
    ctx,
    viewer,
    docs.map((doc) => reviveMessage(doc)),
  );
  return RawJson.list(messages.map((message) => JSON.stringify(message)));
}

/** May also find the word in what somebody wrote, which costs no more than looking. */
const hasStars = (doc: string): boolean => doc.includes('"starred"');

/** Authors, mentioned people and reactions under the names that people have now. */
export async function withRealNames(ctx: Context, messages: readonly WireMessage[]): Promise<WireMessage[]> {
  const usernames = new Set<string>();
  for (const { u, mentions, reactions } of messages) {
    usernames.add(u.username);
    for (const { username } of mentions ?? []) if (username) usernames.add(username);
    for (const reaction of Object.values(reactions ?? {}))
      for (const name of reaction.usernames) usernames.add(name);
  }
  const users = await findUsers(ctx, { usernames: [...usernames] });
  const names = new Map(users.map((user) => [user.username, user.name]));
  const nameOf = (username: string) => names.get(username) || username;
  return messages.map((message) => ({
    ...message,
    u: { ...message.u, name: nameOf(message.u.username) },
    ...(message.mentions
      ? {
          mentions: message.mentions.map((mention) =>
            mention.username ? { ...mention, name: nameOf(mention.username) } : mention,
          ),
        }
      : {}),
    ...(message.reactions
      ? {
          reactions: Object.fromEntries(
            Object.entries(message.reactions).map(([emoji, { usernames: by }]) => [
              emoji,
              { usernames: by, names: by.map(nameOf) },
            ]),
          ),
        }
      : {}),
  }));
}
