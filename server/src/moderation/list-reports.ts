import { findUserById, findUsers } from '../accounts/find-users.ts';
import type { Context } from '../context.ts';
import { refuse } from '../kernel/errors.ts';
import { type Report, type ReportedPerson, reportFromRow } from './report.ts';
import {
  listReported,
  listReports,
  newestReportsOf,
  type Page,
  type ReportFilter,
  reportById,
} from './reports.store.ts';

/** What moderators read (spec 11 §13). The route asks for `view-moderation-console`. */

export interface Stretch {
  text?: string | undefined;
  oldest?: number | undefined;
  latest?: number | undefined;
}

export interface ReportedAuthor {
  userId: string;
  username?: string | undefined;
  name?: string | undefined;
  /** The last reported message. */
  message: unknown;
  msgId: string | undefined;
  ts: Date;
  rooms: NonNullable<Report['room']>[];
  count: number;
  isUserDeleted: boolean;
}

/** So many reports of one author are looked through for their rooms. */
const MAX_LOOKED_AT = 100;

/** Whose messages were reported: one entry for each author. */
export async function reportedAuthors(
  ctx: Context,
  stretch: Stretch,
  direction: 'asc' | 'desc',
  page: Page,
): Promise<{ reports: ReportedAuthor[]; total: number }> {
  const filter = { kind: 'message', ...stretch } as const;
  const { rows, total } = await listReported(ctx.db, filter, direction, page);
  const uids = rows.map(({ uid }) => uid);
  const [users, newestOf] = await Promise.all([
    findUsers(ctx, { ids: uids }),
    newestReportsOf(ctx.db, filter, { uids, each: MAX_LOOKED_AT }),
  ]);
  const present = new Map(users.map((user) => [user._id, user]));
  const reports = rows.map(({ uid, count, last }): ReportedAuthor => {
    const all = (newestOf.get(uid) ?? []).map(reportFromRow);
    const [newest] = all;
    const author =
      present.get(uid) ?? (newest?.message?.u as { username?: string; name?: string } | undefined);
    const rooms = new Map(all.flatMap(({ room }) => (room ? [[room._id, room] as const] : [])));
    return {
      userId: uid,
      username: author?.username,
      name: author?.name,
      message: newest?.message?.msg,
      msgId: newest?.message?._id,
      ts: new Date(last),
      rooms: [...rooms.values()],
      count,
      isUserDeleted: !present.has(uid),
    };
  });
  return { reports, total };
}

export interface ReportedUser {
  reportedUser: ReportedPerson | undefined;
  ts: Date;
  count: number;
}

/** Who was reported: one entry for each person. */
export async function reportedUsers(
  ctx: Context,
  stretch: Stretch,
  direction: 'asc' | 'desc',
  page: Page,
): Promise<{ reports: ReportedUser[]; total: number }> {
  const filter = { kind: 'user', ...stretch } as const;
  const { rows, total } = await listReported(ctx.db, filter, direction, page);
  const newestOf = await newestReportsOf(ctx.db, filter, { uids: rows.map(({ uid }) => uid), each: 1 });
  const reports = rows.map(({ uid, count, last }): ReportedUser => {
    const [newest] = (newestOf.get(uid) ?? []).map(reportFromRow);
    return { reportedUser: newest?.reportedUser, ts: new Date(last), count };
  });
  return { reports, total };
}

export type Subject = { _id: string; username?: string | undefined; name?: string | undefined } | null;

async function subjectOf(ctx: Context, uid: string): Promise<Subject> {
  const user = await findUserById(ctx, uid);
  return user ? { _id: user._id, username: user.username, name: user.name } : null;
}

/** The reported messages of one author, each once. */
export async function reportedMessagesOf(ctx: Context, uid: string, text: string | undefined, page: Page) {
  const filter: ReportFilter = { kind: 'message', uid, text };
  const { rows, total } = await listReports(ctx.db, filter, page, { onePerMessage: true });
  const messages = rows.map(reportFromRow).map(({ _id, message, ts, room }) => ({ _id, message, ts, room }));
  return { user: await subjectOf(ctx, uid), messages, total };
}

/** The person that was reported, as far as moderators need it to act. */
async function accountOf(ctx: Context, uid: string): Promise<object | null> {
  const user = await findUserById(ctx, uid);
  if (!user) return null;
  const { _id, username, name, emails, roles, active, avatarETag, createdAt } = user;
  return { _id, username, name, emails, roles, active, avatarETag, createdAt: new Date(createdAt) };
}

/** The reports of one person. */
export async function reportsOfUser(ctx: Context, uid: string, text: string | undefined, page: Page) {
  const { rows, total } = await listReports(ctx.db, { kind: 'user', uid, text }, page);
  return { user: await accountOf(ctx, uid), reports: rows.map(reportFromRow), total };
}

/** What was said about one message. */
export async function reportsOfMessage(
  ctx: Context,
  messageId: string,
  text: string | undefined,
  page: Page,
) {
  const { rows, total } = await listReports(ctx.db, { kind: 'message', messageId, text }, page);
  const reports = rows
    .map(reportFromRow)
    .map(({ _id, description, reportedBy, ts, room }) => ({ _id, description, reportedBy, ts, room }));
  return { reports, total };
}

/** @throws error-report-not-found (plain) */
export async function findReport(ctx: Context, id: string): Promise<Report> {
  const row = await reportById(ctx.db, id);
  if (!row || row.hidden === 1) refuse('error-report-not-found');
  return reportFromRow(row);
}
