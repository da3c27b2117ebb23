import { findUserById } from '../accounts/find-users.ts';
import type { User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { refuse } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import { findMessage } from '../messages/find-message.ts';
import { canAccessRoom } from '../rooms/access.ts';
import { getRoom } from '../rooms/get-room.ts';
import type { Room } from '../rooms/room.ts';
import type { ReportDocument, ReportedPerson } from './report.ts';
import { insertReport } from './reports.store.ts';

/** What is told to moderators is read by them, not stored without end. */
const MAX_DESCRIPTION = 5000;
const SEARCHED_CHARACTERS = 2000;

/**
 * Reports a message to the moderators (spec 30 §6 `chat.reportMessage`).
 *
 * @throws error-invalid-description, error-invalid-message_id (plain)
 */
export async function reportMessage(
  ctx: Context,
  caller: Caller,
  { messageId, description }: { messageId: string; description: string },
): Promise<void> {
  if (description.trim() === '') refuse('error-invalid-description');
  const message = await findMessage(ctx, messageId);
  const room = message && (await getRoom(ctx, message.rid));
  if (!room || !(await canAccessRoom(ctx, caller, room))) refuse('error-invalid-message_id');
  await store(ctx, caller, {
    kind: 'message',
    uid: message.u._id,
    messageId,
    searched: [message.u.username, message.u.name ?? '', message.msg],
    document: { message: JSON.parse(JSON.stringify(message)), room: briefly(room), description },
  });
}

/** Reports somebody to the moderators. @throws "Invalid user id provided." */
export async function reportUser(
  ctx: Context,
  caller: Caller,
  { userId, description }: { userId: string; description: string },
): Promise<void> {
  const user = await findUserById(ctx, userId);
  if (!user) refuse('Invalid user id provided.');
  await store(ctx, caller, {
    kind: 'user',
    uid: user._id,
    messageId: null,
    searched: [user.username ?? '', user.name ?? ''],
    document: { reportedUser: { ...person(user), emails: user.emails }, description },
  });
}

async function store(
  ctx: Context,
  caller: Caller,
  report: {
    kind: 'message' | 'user';
    uid: string;
    messageId: string | null;
    searched: readonly string[];
    document: Omit<ReportDocument, 'reportedBy'>;
  },
): Promise<void> {
  const reporter = await findUserById(ctx, caller.uid);
  if (!reporter) refuse('Invalid user id provided.');
  const at = ctx.clock.stamp();
  const { kind, uid, messageId, searched, document } = report;
  const description = document.description.slice(0, MAX_DESCRIPTION);
  await ctx.write((tx) =>
    insertReport(tx, {
      id: newId(),
      kind,
      uid,
      message_id: messageId,
      ts: at,
      hidden: 0,
      search_key: searched.join('\n').toLowerCase().slice(0, SEARCHED_CHARACTERS),
      updated_at: at,
      moderation: null,
      doc: JSON.stringify({ ...document, description, reportedBy: person(reporter) }),
    }),
  );
}

function person({ _id, username, name, createdAt }: User): ReportedPerson {
  return {
    _id,
    ...(username ? { username } : {}),
    ...(name ? { name } : {}),
    createdAt: new Date(createdAt).toISOString(),
  };
}

function briefly({ id, name, displayName, type, parentId }: Room): NonNullable<ReportDocument['room']> {
  return {
    _id: id,
    ...(name === null ? {} : { name }),
    ...(displayName === null ? {} : { fname: displayName }),
    t: type,
    ...(parentId === null ? {} : { prid: parentId }),
  };
}
