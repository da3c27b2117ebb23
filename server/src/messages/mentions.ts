import { findUsers } from '../accounts/find-users.ts';
import type { Context } from '../context.ts';
import { findMentionedRooms, findMentionedTeams } from '../rooms/mention-targets.ts';
import type { Mention, WireMessage } from './message.ts';
import { namesInText, withoutPunctuation } from './names-in-text.ts';

export interface Mentioned {
  mentions: Mention[];
  channels: NonNullable<WireMessage['channels']>;
  /** Users who are meant by name or as members of a mentioned team. */
  userIds: string[];
  all: boolean;
  here: boolean;
}

/** Names as an encrypted message gives them, with their sigils. */
export interface EncryptedMentions {
  e2eUserMentions?: readonly string[];
  e2eChannelMentions?: readonly string[];
}

/**
 * Whom and which rooms a message names (spec 30 §4.4). A text without `@` and `#` costs no query. Unknown names mean
 * nobody; rooms are found whether the sender sees them or not.
 */
export async function findMentions(
  ctx: Context,
  text: string,
  encrypted?: EncryptedMentions,
): Promise<Mentioned> {
  const pattern = ctx.settings.text('UTF8_User_Names_Validation');
  const people = encrypted ? withoutSigil(encrypted.e2eUserMentions, '@') : namesInText(text, '@', pattern);
  const rooms = encrypted ? withoutSigil(encrypted.e2eChannelMentions, '#') : namesInText(text, '#', pattern);
  const all = people.includes('all');
  const here = people.includes('here');
  const [named, channels] = await Promise.all([
    findPeople(
      ctx,
      people.filter((name) => name !== 'all' && name !== 'here'),
    ),
    findChannels(ctx, rooms),
  ]);
  const group = [...(all ? ['all'] : []), ...(here ? ['here'] : [])].map((word) => ({
    _id: word,
    username: word,
  }));
  return { mentions: [...group, ...named.mentions], channels, userIds: named.userIds, all, here };
}

const MAX_NAMES = 1000;

function withoutSigil(names: readonly string[] | undefined, sigil: string): string[] {
  const texts = Array.isArray(names)
    ? names.slice(0, MAX_NAMES).filter((name) => typeof name === 'string')
    : [];
  return [...new Set(texts.map((name: string) => (name.startsWith(sigil) ? name.slice(1) : name)))];
}

/** The names and, where they end in punctuation, the names without it. */
const candidates = (names: readonly string[]) => [
  ...new Set(names.flatMap((name) => [name, withoutPunctuation(name)]).filter((name) => name !== '')),
];

/** Chooses for each name in the text the exact match, else the one without punctuation. */
function chosen<T>(names: readonly string[], byName: ReadonlyMap<string, T>): T[] {
  const found = names.flatMap((name) => byName.get(name) ?? byName.get(withoutPunctuation(name)) ?? []);
  return [...new Set(found)];
}

async function findPeople(
  ctx: Context,
  names: readonly string[],
): Promise<{ mentions: Mention[]; userIds: string[] }> {
  if (names.length === 0) return { mentions: [], userIds: [] };
  const found = await findUsers(ctx, { usernames: candidates(names) });
  const users = chosen(names, new Map(found.map((user) => [user.username ?? '', user])));
  const known = new Set(users.map((user) => user.username));
  const mentions: Mention[] = users.map(({ _id, username, name }) => ({
    _id,
    ...(username ? { username } : {}),
    ...(name ? { name } : {}),
    type: 'user',
  }));
  const userIds = users.map((user) => user._id);
  const rest = names.filter((name) => !known.has(name) && !known.has(withoutPunctuation(name)));
  if (rest.length === 0 || ctx.settings.bool('Troubleshoot_Disable_Teams_Mention'))
    return { mentions, userIds };
  const { teams, memberIds } = await findMentionedTeams(ctx, candidates(rest));
  for (const { id, name } of teams) mentions.push({ _id: id, name, type: 'team' });
  return { mentions, userIds: [...new Set([...userIds, ...memberIds])] };
}

async function findChannels(ctx: Context, names: readonly string[]): Promise<Mentioned['channels']> {
  if (names.length === 0) return [];
  const rooms = await findMentionedRooms(ctx, candidates(names));
  return chosen(names, new Map(rooms.map((room) => [room.name, room])));
}
