import { findUserById, findUsers } from '../accounts/find-users.ts';
import type { Context, WriteScope } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import { hasInRoom } from '../rooms/access.ts';
import { addToRoom, type MemberUser } from '../rooms/add-to-room.ts';
import { storeRoom } from '../rooms/create-room.ts';
import { getRoom } from '../rooms/get-room.ts';
import { countMessages } from '../rooms/last-message.ts';
import { isPrivateTeam } from '../rooms/private-team.ts';
import type { Room } from '../rooms/room.ts';
import { callerRef } from '../rooms/user-ref.ts';
import { discussionFrom, insertDiscussion } from './discussions.store.ts';
import { findMessage } from './find-message.ts';
import type { Attachment, WireMessage } from './message.ts';
import { quote } from './quotes.ts';
import { sendMessage } from './send-message.ts';
import { findPlace, refuseSending } from './sending-rules.ts';
import { storeWithoutWords } from './store-message.ts';
import { postSystemMessage } from './system-message.ts';

export interface NewDiscussion {
  /** The parent room. */
  parentId: string;
  title: string;
  /** The message it is started from. */
  messageId?: string | undefined;
  /** Sent as the creator's first message. */
  reply?: string | undefined;
  topic?: string | undefined;
  /** Usernames; unknown ones are skipped. */
  users?: readonly string[] | undefined;
  encrypted?: boolean | undefined;
}

const DETAILS = { method: 'DiscussionCreation' };

/**
 * Starts a discussion: a room beside a room, announced there (spec 11 §7). From one message there is one discussion; who
 * starts it again is added to it, and `isNew` is false.
 *
 * @throws error-action-not-allowed, error-invalid-message, error-invalid-arguments, error-invalid-room,
 *   error-nested-discussion, and what sending into the parent throws
 */
export async function createDiscussion(
  ctx: Context,
  caller: Caller,
  input: NewDiscussion,
): Promise<{ room: Room; isNew: boolean }> {
  await refuseStarting(ctx, caller, input.parentId);
  const root = await rootMessage(ctx, input);
  const place = await findPlace(ctx, caller, input.parentId);
  if (!place) fail('error-invalid-room', 'Invalid room', DETAILS);
  const { room: parent } = place;
  await refuseSending(ctx, caller, place);
  if (parent.parentId !== null) {
    fail('error-nested-discussion', 'Cannot create nested discussions', DETAILS);
  }
  const encrypted = input.encrypted ?? parent.details.encrypted ?? false;
  if (encrypted && input.reply) {
    fail('error-invalid-arguments', 'Encrypted discussions must not receive an initial reply.', DETAILS);
  }
  const existing = root && (await discussionFrom(ctx.db, root._id));
  if (existing) return { room: await joinExisting(ctx, caller, existing.rid), isNew: false };

  const members = await membersOf(ctx, caller, root, input.users ?? []);
  const type = await typeBeside(ctx, parent);
  const room = await ctx.write(async (tx, emit) => {
    const scope = { tx, emit };
    const stored = await storeRoom(ctx, tx, emit, caller, {
      type,
      slug: newId(),
      displayName: input.title,
      parentId: parent.id,
      readOnly: false,
      details: {
        u: callerRef(caller),
        sysMes: true,
        customFields: {},
        topic: input.topic || (parent.name ?? ''),
        ...(root ? { description: root.msg } : {}),
        ...(encrypted ? { encrypted } : {}),
      },
      team: undefined,
      members,
      owned: true,
    });
    const quotes = root ? [quoteOf(ctx, parent, root)] : [];
    await announce(ctx, scope, caller, parent, stored, root, quotes);
    // The first message of a discussion that was started from a message quotes it.
    if (quotes.length > 0) await storeWithoutWords(ctx, scope, caller, stored.id, { attachments: quotes });
    return stored;
  });
  if (input.reply) await sendMessage(ctx, caller, { rid: room.id, msg: input.reply });
  return { room: (await getRoom(ctx, room.id)) ?? room, isNew: true };
}

async function refuseStarting(ctx: Context, caller: Caller, parentId: string): Promise<void> {
  const allowed =
    ctx.settings.bool('Discussion_enabled') &&
    ((await hasInRoom(ctx, caller, 'start-discussion', parentId)) ||
      (await hasInRoom(ctx, caller, 'start-discussion-other-user', parentId)));
  if (allowed) return;
  fail('error-action-not-allowed', 'You are not allowed to create a discussion', {
    method: 'createDiscussion',
  });
}

async function rootMessage(ctx: Context, input: NewDiscussion): Promise<WireMessage | undefined> {
  if (!input.messageId) return undefined;
  const message = await findMessage(ctx, input.messageId);
  if (!message) fail('error-invalid-message', 'Invalid message', DETAILS);
  const room = await getRoom(ctx, message.rid);
  if (message.rid !== input.parentId && room?.parentId !== input.parentId) {
    // The space at the end is the contract's.
    fail('error-invalid-arguments', 'Root message room ID does not match parent room ID ', DETAILS);
  }
  return message;
}

async function joinExisting(ctx: Context, caller: Caller, rid: string): Promise<Room> {
  const user = await findUserById(ctx, caller.uid);
  if (!user) fail('error-invalid-user', 'Invalid user', DETAILS);
  await ctx.write((tx, emit) => addToRoom(ctx, tx, emit, rid, user));
  return (await getRoom(ctx, rid)) ?? fail('error-invalid-room', 'Invalid room', DETAILS);
}

/** The creator, the author of the message, and those who were named; everybody once. */
async function membersOf(
  ctx: Context,
  caller: Caller,
  root: WireMessage | undefined,
  usernames: readonly string[],
): Promise<MemberUser[]> {
  const ids = [caller.uid, ...(root ? [root.u._id] : [])];
  const byId = new Map((await findUsers(ctx, { ids })).map((user) => [user._id, user]));
  const named = usernames.length > 0 ? await findUsers(ctx, { usernames }) : [];
  const all = [...ids.flatMap((id) => byId.get(id) ?? []), ...named].filter((user) => user.username);
  return [...new Map(all.map((user) => [user._id, user])).values()];
}

/** What stands beside a room that not everybody may enter is private. */
async function typeBeside(ctx: Context, parent: Room): Promise<'c' | 'p'> {
  if (parent.type !== 'c') return 'p';
  return parent.teamId !== null && (await isPrivateTeam(ctx, parent.teamId)) ? 'p' : 'c';
}

const PATHS = { c: 'channel', p: 'group', d: 'direct' } as const;

function quoteOf(ctx: Context, parent: Room, message: WireMessage): Attachment {
  const site = ctx.settings.text('Site_Url');
  const link = `${site}/${PATHS[parent.type]}/${parent.name ?? parent.id}?msg=${message._id}`;
  return quote(ctx, message, link, ctx.settings.int('Message_QuoteChainLimit') - 1);
}

async function announce(
  ctx: Context,
  { tx, emit }: WriteScope,
  caller: Caller,
  parent: Room,
  room: Room,
  root: WireMessage | undefined,
  attachments: Attachment[],
): Promise<void> {
  const announcement = await postSystemMessage(ctx, tx, emit, parent, {
    t: 'discussion-created',
    msg: room.displayName ?? '',
    user: callerRef(caller),
    extra: { drid: room.id, dcount: 0, ...(attachments.length > 0 ? { attachments } : {}) },
  });
  await countMessages(ctx, tx, emit, parent.id, 1);
  await insertDiscussion(tx, {
    rid: room.id,
    parent_rid: parent.id,
    announcement_id: announcement._id,
    root_message_id: root?._id ?? null,
  });
}
