import type { Context } from '../context.ts';
import type { UserRef } from '../kernel/caller.ts';
import type { ImportedMessage } from '../messages/import-messages.ts';
import type { WireMessage } from '../messages/message.ts';
import { type People, type Places, withNamesOfHere } from './people.ts';
import type { StagedMessage } from './staged.ts';

const DAY_MS = 24 * 60 * 60_000;

/** A message with people and rooms of here; or why there can be none (spec 32 C.3). */
export async function convertMessage(
  ctx: Context,
  people: People,
  places: Places,
  staged: StagedMessage,
): Promise<ImportedMessage | { error: string }> {
  const { ts, room, author, id } = staged;
  if (ts === null || !(ts > 0) || ts > ctx.clock.now() + DAY_MS)
    return { error: 'importer-message-invalid-timestamp' };
  const u = await people.find(author);
  if (!u) return { error: 'importer-message-unknown-user' };
  const rid = places.ridOf(room);
  if (rid === undefined) return { error: 'importer-message-unknown-room' };
  const { t, alias, emoji, bot, tmid, tshow, edited, pinned, file, attachments } = staged;
  return {
    ...{ id, rid, ts: Math.floor(ts), u, t, alias, emoji, bot, tmid, tshow, file, attachments },
    msg: textOf(staged, u, people, places),
    reactions: await reactionsOf(people, staged),
    edited: edited && { at: edited.at, by: (await refOf(people, edited.by)) ?? nameless(u) },
    pinned: pinned && { at: pinned.at, by: (await refOf(people, pinned.by)) ?? nameless(u) },
  };
}

function textOf({ t, msg }: StagedMessage, u: UserRef, people: People, places: Places): string {
  // Clients make the sentence of who came or went.
  if (t === 'uj' || t === 'ul') return u.username;
  const text = msg.replaceAll('\0', '');
  return t === undefined ? withNamesOfHere(text, people, places) : text;
}

const nameless = ({ _id, username }: UserRef) => ({ _id, username });

async function refOf(people: People, importId: string): Promise<UserRef | undefined> {
  const user = await people.find(importId);
  return user && nameless(user);
}

async function reactionsOf(people: People, { reactions }: StagedMessage): Promise<WireMessage['reactions']> {
  if (!reactions) return undefined;
  const found: NonNullable<WireMessage['reactions']> = {};
  for (const { name, users } of reactions) {
    const usernames: string[] = [];
    for (const user of users) {
      const username = (await people.find(user))?.username;
      if (username !== undefined && !usernames.includes(username)) usernames.push(username);
    }
    if (usernames.length > 0) found[`:${name}:`] = { usernames };
  }
  return found;
}
