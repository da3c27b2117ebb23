import { Type } from 'typebox';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { strictFilter } from '../rest/query-filter.ts';
import { strict } from '../rest/schemas.ts';
import { startMailing } from './mailing.ts';
import { unsubscribe } from './unsubscribe.ts';

const MAX_SUBJECT = 500;
const MAX_BODY = 100_000;

/** Mails to many people (spec 23, "Administration"). */
export const mailingEndpoints: Endpoint[] = [
  endpoint({
    method: 'POST',
    path: 'mailer',
    summary: 'Sends a mail to everybody, or to those who fit a query.',
    auth: 'user',
    body: strict({
      from: Type.String({ maxLength: MAX_SUBJECT }),
      subject: Type.String({ maxLength: MAX_SUBJECT }),
      body: Type.Optional(Type.String({ maxLength: MAX_BODY, description: 'HTML with `[unsubscribe]`' })),
      dryrun: Type.Optional(
        Type.Unsafe<boolean | string>({
          enum: [true, false, 'true', 'false'],
          description: 'Sends one mail, to `from`',
        }),
      ),
      query: Type.Optional(
        Type.String({
          description: 'JSON; what is not understood is refused',
        }),
      ),
    }),
    async handler(ctx, { caller, body }) {
      const { from, subject, dryrun, query } = body;
      await startMailing(ctx, caller, {
        ...{ from, subject, body: body.body ?? '' },
        dryRun: dryrun === true || dryrun === 'true',
        filter: () => (query === undefined || query === '' ? undefined : strictFilter(query, memberKind)),
      });
      return {};
    },
  }),
  endpoint({
    method: 'POST',
    path: 'mailer.unsubscribe',
    summary: 'Ends mails of this kind, for whoever has the link of one.',
    auth: 'none',
    body: strict({
      _id: Type.String({ maxLength: 200 }),
      createdAt: Type.String({
        maxLength: 200,
        description: 'What the link ends with; of the own account when it was made (ms)',
      }),
    }),
    async handler(ctx, { caller, body }) {
      await unsubscribe(ctx, caller, { uid: body._id, key: body.createdAt });
      return {};
    },
  }),
];

const MEMBERS: Readonly<Record<string, 'text' | 'flag'>> = {
  _id: 'text',
  username: 'text',
  name: 'text',
  type: 'text',
  status: 'text',
  active: 'flag',
  'emails.address': 'text',
  roles: 'text',
};

/** Custom fields are texts, or lists of them. */
function memberKind(path: string): 'text' | 'flag' | undefined {
  if (/^customFields\.[^.]+$/.test(path)) return 'text';
  return Object.hasOwn(MEMBERS, path) ? MEMBERS[path] : undefined;
}
