import { Type } from 'typebox';
import type { Context } from '../context.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { pageMembers, pageOf, parseSort } from '../rest/list-params.ts';
import { dateText, freeObject, nonBlank, oneOf, pagingMembers, strict } from '../rest/schemas.ts';
import { deleteReportedMessages, dismissMessageReports, dismissUserReports } from './act-on-reports.ts';
import {
  findReport,
  reportedAuthors,
  reportedMessagesOf,
  reportedUsers,
  reportsOfMessage,
  reportsOfUser,
  type Stretch,
} from './list-reports.ts';
import { reportMessage, reportUser } from './report-something.ts';

/** Reports to the moderators, and what they do about them (spec 11 §13, spec 30 §6). */

const READERS = { all: ['view-moderation-console'] };
const MODERATORS = { all: ['manage-moderation-actions'] };
const listMembers = {
  ...pagingMembers,
  sort: Type.Optional(Type.String()),
  selector: Type.Optional(Type.String()),
};
const stretchMembers = {
  ...listMembers,
  latest: Type.Optional(dateText),
  oldest: Type.Optional(dateText),
};
interface StretchQuery {
  offset?: number;
  count?: number;
  sort?: string;
  selector?: string;
  latest?: string;
  oldest?: string;
}

const PAGE = { count: 20 };

const pageFor = (ctx: Context, query: { offset?: number; count?: number }) =>
  pageOf(ctx.settings, query, PAGE);

const timeOf = (date: string | undefined) => (date === undefined ? undefined : new Date(date).getTime());

const stretchOf = ({ selector, latest, oldest }: StretchQuery): Stretch => ({
  text: selector,
  latest: timeOf(latest),
  oldest: timeOf(oldest),
});

/** The newest first, unless the dates are asked for upwards. */
const directionOf = ({ sort }: StretchQuery) =>
  (parseSort(sort) ?? []).some(([path, direction]) => path.endsWith('ts') && direction === 1)
    ? 'asc'
    : 'desc';

function overview(
  path: string,
  summary: string,
  find: typeof reportedAuthors | typeof reportedUsers,
): Endpoint {
  return endpoint({
    method: 'GET',
    path,
    summary,
    auth: 'user',
    permissions: READERS,
    query: strict(stretchMembers),
    response: freeObject,
    async handler(ctx, { query }) {
      const page = pageFor(ctx, query);
      const { reports, total } = await find(ctx, stretchOf(query), directionOf(query), page);
      return { reports, ...pageMembers(page, reports, total) };
    },
  });
}

const reading: Endpoint[] = [
  overview('moderation.reportsByUsers', 'Whose messages were reported.', reportedAuthors),
  overview('moderation.userReports', 'Who was reported.', reportedUsers),
  endpoint({
    method: 'GET',
    path: 'moderation.user.reportedMessages',
    summary: 'The reported messages of one author.',
    auth: 'user',
    permissions: READERS,
    query: strict({ userId: Type.String(), ...listMembers }),
    response: freeObject,
    async handler(ctx, { query }) {
      const page = pageFor(ctx, query);
      const found = await reportedMessagesOf(ctx, query.userId, query.selector, page);
      return { ...found, ...pageMembers(page, found.messages, found.total) };
    },
  }),
  endpoint({
    method: 'GET',
    path: 'moderation.user.reportsByUserId',
    summary: 'The reports of one person.',
    auth: 'user',
    permissions: READERS,
    query: strict({ userId: Type.String(), ...listMembers }),
    response: freeObject,
    async handler(ctx, { query }) {
      const page = pageFor(ctx, query);
      const found = await reportsOfUser(ctx, query.userId, query.selector, page);
      return { ...found, ...pageMembers(page, found.reports, found.total) };
    },
  }),
  endpoint({
    method: 'GET',
    path: 'moderation.reports',
    summary: 'What was said about one message.',
    auth: 'user',
    permissions: READERS,
    query: strict({ msgId: Type.String(), ...listMembers }),
    response: freeObject,
    async handler(ctx, { query }) {
      const page = pageFor(ctx, query);
      const { reports, total } = await reportsOfMessage(ctx, query.msgId, query.selector, page);
      return { reports, ...pageMembers(page, reports, total) };
    },
  }),
  endpoint({
    method: 'GET',
    path: 'moderation.reportInfo',
    summary: 'One report.',
    auth: 'user',
    permissions: READERS,
    query: strict({ reportId: Type.String() }),
    response: freeObject,
    handler: async (ctx, { query }) => ({ report: await findReport(ctx, query.reportId) }),
  }),
];

const reason = Type.Optional(Type.String({ maxLength: 5000 }));
const action = Type.Optional(Type.String({ maxLength: 1000 }));
const dismissal = oneOf(
  strict({ userId: Type.String(), reason, action }),
  strict({ msgId: Type.String(), reason, action }),
);

const acting: Endpoint[] = [
  endpoint({
    method: 'POST',
    path: 'moderation.user.deleteReportedMessages',
    summary: 'Deletes the reported messages of one author.',
    auth: 'user',
    permissions: MODERATORS,
    body: strict({ userId: Type.String(), reason }),
    async handler(ctx, { caller, body }) {
      await deleteReportedMessages(ctx, caller, body.userId, body);
      return {};
    },
  }),
  endpoint({
    method: 'POST',
    path: 'moderation.dismissReports',
    summary: 'Dismisses the reports of a message, or of all messages of one author.',
    auth: 'user',
    permissions: MODERATORS,
    body: dismissal,
    async handler(ctx, { caller, body }) {
      await dismissMessageReports(ctx, caller, body);
      return {};
    },
  }),
  endpoint({
    method: 'POST',
    path: 'moderation.dismissUserReports',
    summary: 'Dismisses the reports of one person.',
    auth: 'user',
    permissions: MODERATORS,
    body: dismissal,
    async handler(ctx, { caller, body }) {
      await dismissUserReports(ctx, caller, body);
      return {};
    },
  }),
];

const reporting: Endpoint[] = [
  endpoint({
    method: 'POST',
    path: 'chat.reportMessage',
    summary: 'Reports a message to the moderators.',
    auth: 'user',
    body: strict({ messageId: Type.String(), description: Type.String() }),
    async handler(ctx, { caller, body }) {
      await reportMessage(ctx, caller, body);
      return {};
    },
  }),
  endpoint({
    method: 'POST',
    path: 'moderation.reportUser',
    summary: 'Reports somebody to the moderators.',
    auth: 'user',
    body: strict({ userId: Type.String(), description: nonBlank }),
    async handler(ctx, { caller, body }) {
      await reportUser(ctx, caller, body);
      return {};
    },
  }),
];

export const moderationEndpoints: Endpoint[] = [...reporting, ...reading, ...acting];
