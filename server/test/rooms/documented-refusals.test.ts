import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Endpoint } from '../../src/rest/endpoint.ts';
import {
  body,
  coded,
  FORBIDDEN,
  NO_PERMISSION,
  NOT_LOGGED_IN,
  type Refused,
} from '../accounts/refusals/refusal.ts';
import { sendForm, type TestFile } from '../support/files.ts';
import { withPermission } from '../support/rooms.ts';
import { type Person, startServer, type TestServer } from '../support/server.ts';
import { ANY_ROOM_LOOKUPS, LOOKING, MODERATING, ROOM_SETTINGS } from './refusals/any-room.ts';
import { DISCUSSIONS, INVITES, SEARCHING } from './refusals/beside-rooms.ts';
import { LAST_OWNERS, LIFE, ROOM_ROLES, SETTINGS } from './refusals/changing-rooms.ts';
import {
  ADDING_ALL_AND_TEAMS,
  CREATING,
  INVITING,
  JOINING,
  KICKING,
  LEAVING,
} from './refusals/coming-and-going.ts';
import { DIRECT_ROOMS } from './refusals/direct-rooms.ts';
import { OWN_ROOMS, SUBSCRIPTIONS } from './refusals/own-rooms.ts';
import { makePlaces, type Places } from './refusals/places.ts';
import { NOT_THERE, READING, SORTING } from './refusals/reading-rooms.ts';
import { BANNERS_CALENDAR_CALLS, FILES, REPORTS_AND_RECEIPTS } from './refusals/reports-calls-files.ts';
import { ANSWERED, CHANNELS_OF_OTHERS, GROUPS_OF_OTHERS, ROOM_LOOKUPS } from './refusals/room-lookup.ts';
import { bare, type Given, type Row, type Who } from './refusals/row.ts';
import { TEAM_LOOKUPS, TEAMS } from './refusals/teams.ts';

/**
 * The failure rows of spec 10 and 11, endpoint by endpoint, each with its whole body and in the documented order: where a call
 * breaks two rules, the first one answers. None of them changes anything.
 */

let server: TestServer;
let places: Places;
/** Before the first call; it stays like that. */
let stored: unknown;

beforeAll(async () => {
  server = await startServer({ settingDefaults: { API_Embed: 'false' } });
  places = await makePlaces(server);
  stored = await whatIsStored();
});
afterAll(() => server.close());

async function expectRefusal(
  who: Who,
  call: string,
  params: object,
  refused: Refused,
  given: Given = {},
): Promise<void> {
  await under(given, async () => {
    expect(await answerTo(who, call, params)).toEqual(named(refused));
  });
  const before = stored;
  // A change fails one test, not all that follow.
  stored = await whatIsStored();
  expect(stored).toEqual(before);
}

async function answerTo(who: Who, call: string, params: object): Promise<{ status: number; body: unknown }> {
  const [verb = '', path = ''] = (named(call) as string).split(' ');
  const caller = places.callers[who];
  const send = { GET: caller.get, POST: caller.post, DELETE: caller.delete }[verb];
  if (!send) throw new Error(`no such verb: ${call}`);
  const { status, body } = await send(path, named(params) as Record<string, unknown>);
  return { status, body };
}

/** Ids for the names that the tables use. Matchers stay as they are. */
function named(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/\$(\w+)/g, (all, name) => places.ids[name] ?? all);
  if (Array.isArray(value)) return value.map(named);
  if (typeof value !== 'object' || value === null || 'asymmetricMatch' in value) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, named(inner)]));
}

async function under({ settings = {}, permissions = {} }: Given, work: () => Promise<void>): Promise<void> {
  const [permission] = Object.entries(permissions);
  if (permission) {
    const { [permission[0]]: _given, ...others } = permissions;
    return withPermission({ server }, permission[0], permission[1], () =>
      under({ settings, permissions: others }, work),
    );
  }
  const [setting] = Object.entries(settings);
  if (!setting) return work();
  const { [setting[0]]: _given, ...others } = settings;
  return withSetting(setting[0], setting[1], () => under({ settings: others }, work));
}

async function withSetting(id: string, value: unknown, work: () => Promise<void>): Promise<void> {
  const before = server.server.ctx.settings.value(id);
  const save = async (to: unknown) =>
    expect(await server.admin.post(`settings/${id}`, { value: to })).toMatchObject({ status: 200 });
  await save(value);
  try {
    await work();
  } finally {
    await save(before);
  }
}

/** Every change of a row has a new `updated_at`; the other tables only gain and lose rows. */
const CHANGING = 'rooms subscriptions messages teams invites files reports calendar_events conferences'.split(
  ' ',
);
const STILL = ['room_roles', 'team_members', 'discussions'];
const sums = [
  ...CHANGING.map((table) => sql`select count(*) as n, sum(updated_at) as at from ${sql.table(table)}`),
  ...STILL.map((table) => sql`select count(*) as n, 0 as at from ${sql.table(table)}`),
];
const whatIsStored = async (): Promise<unknown[]> =>
  (await sql`${sql.join(sums, sql` union all `)}`.execute(server.server.ctx.db)).rows;

const TABLES: readonly (readonly [title: string, rows: readonly Row[]])[] = [
  ['finding a room', ROOM_LOOKUPS],
  ['groups of others', GROUPS_OF_OTHERS],
  ['channels of others', CHANNELS_OF_OTHERS],
  ['leaving', LEAVING],
  ['creating', CREATING],
  ['joining', JOINING],
  ['inviting', INVITING],
  ['kicking', KICKING],
  ['adding everybody, making teams', ADDING_ALL_AND_TEAMS],
  ['room roles', ROOM_ROLES],
  ['last owners', LAST_OWNERS],
  ['settings', SETTINGS],
  ['archiving and the like', LIFE],
  ['sorting', SORTING],
  ['reading', READING],
  ['not there', NOT_THERE],
  ['direct rooms', DIRECT_ROOMS],
  ['subscriptions', SUBSCRIPTIONS],
  ['own rooms', OWN_ROOMS],
  ['finding any room', ANY_ROOM_LOOKUPS],
  ['rooms.saveRoomSettings', ROOM_SETTINGS],
  ['moderating rooms', MODERATING],
  ['looking at rooms', LOOKING],
  ['finding a team', TEAM_LOOKUPS],
  ['teams', TEAMS],
  ['discussions', DISCUSSIONS],
  ['searching', SEARCHING],
  ['invites', INVITES],
  ['reports and receipts', REPORTS_AND_RECEIPTS],
  ['banners, calendar, calls', BANNERS_CALENDAR_CALLS],
  ['files', FILES],
];

describe.each(TABLES)('%s', (_title, rows) => {
  test.each(rows.map((row) => [titleOf(row), row] as const))('%s', (_name, row) => expectRefusal(...row));
});

function titleOf([who, call, params, , given]: Row): string {
  return `${who} ${call} ${JSON.stringify(params)}${given ? ` with ${JSON.stringify(given)}` : ''}`;
}

test.each(ANSWERED)('%s %s %j is answered', async (who, call, params) => {
  expect(await answerTo(who, call, params)).toMatchObject({ status: 200, body: { success: true } });
});

describe('a file that is sent', () => {
  const note: TestFile = { name: 'note.txt', type: 'text/plain', bytes: 'a note' };
  const notTaken = (code: string): Refused => ({ status: 400, body: { ...REFUSED_FILE, errorType: code } });
  const REFUSED_FILE = { success: false, error: expect.any(String) };

  const FORMS: readonly [
    files: TestFile[],
    fields: Record<string, string>,
    refused: Refused,
    given?: Given,
  ][] = [
    [[{ ...note, field: 'upload' }], {}, bare('invalid-field')],
    [[], { msg: 'x' }, coded('error-no-file', 'No file uploaded')],
    [[note, note], {}, coded('error-too-many-files', 'Too many files in upload')],
    [
      [note],
      {},
      coded('error-file-too-large', 'File size exceeds the allowed limit'),
      { settings: { FileUpload_MaxFileSize: 5 } },
    ],
    [[note], { content: 'x' }, bare('invalid-field-content')],
    // What comes first when two things are wrong.
    [[note], { content: 'x' }, bare('invalid-field-content'), { settings: { FileUpload_Enabled: false } }],
    [[note], {}, notTaken('error-file-upload-disabled'), { settings: { FileUpload_Enabled: false } }],
    [
      [note],
      {},
      notTaken('error-invalid-file-type'),
      { settings: { FileUpload_MediaTypeBlackList: 'text/*' } },
    ],
    [
      [note],
      {},
      notTaken('error-invalid-file-type'),
      { settings: { FileUpload_MediaTypeWhiteList: 'image/*' } },
    ],
    [
      [note],
      { content: '{"algorithm":"rc.v2.aes-sha2","ciphertext":"x"}' },
      notTaken('error-invalid-file-type'),
      { settings: { E2E_Enable_Encrypt_Files: false } },
    ],
  ];

  describe.each(['rooms.media', 'rooms.upload'])('by %s', (path) => {
    const send = async (who: 'alice' | 'carol', room: string, files: TestFile[], fields = {}) => {
      const person = places.callers[who] as Person;
      const { status, body } = await sendForm(server, person, `${path}/${room}`, { files, fields });
      return { status, body };
    };

    test.each(FORMS)('%j %j is refused', async (files, fields, refused, given) => {
      await under(given ?? {}, async () => {
        expect(await send('alice', places.ids.channel ?? '', files, fields)).toEqual(refused);
      });
      expect(await whatIsStored()).toEqual(stored);
    });

    test('goes to no direct room where that is switched off, and to no room of others', async () => {
      await under({ settings: { FileUpload_Enabled_Direct: false } }, async () => {
        expect(await send('alice', places.ids.direct ?? '', [note])).toEqual(
          notTaken('error-direct-message-file-upload-not-allowed'),
        );
      });
      expect(await send('carol', places.ids.group ?? '', [note, note])).toEqual(FORBIDDEN);
      expect(await whatIsStored()).toEqual(stored);
    });
  });
});

/** Whose endpoints spec 10 and 11 describe. */
const OURS =
  /^(channels|groups|im|dm|rooms|subscriptions|teams|moderation|banners|calendar-events|video-conference|uploads|spotlight|directory|findOrCreateInvite|listInvites|removeInvite|useInviteToken|validateInviteToken|sendInvitationEmail|chat\.getMessageReadReceipts)\b/;

describe('every endpoint', () => {
  const ours = (): Endpoint[] => server.server.doors.endpoints.filter(({ path }) => OURS.test(path));
  const rows = TABLES.flatMap(([, all]) => all);
  const patternOf = ({ method, path }: Endpoint) =>
    new RegExp(`^${`${method} ${path}`.replace(/[.]/g, '\\.').replace(/:\w+/g, '[^/]+')}$`);
  const without = (endpoints: Endpoint[], isShown: (row: Row) => boolean): string[] =>
    endpoints
      .filter((endpoint) => {
        const pattern = patternOf(endpoint);
        return !rows.some((row) => pattern.test(row[1]) && isShown(row));
      })
      .map(({ method, path }) => `${method} ${path}`);

  test('is shown to want a login, unless it is public', () => {
    const wanting = ours().filter(({ auth }) => auth !== 'none');
    expect(without(wanting, ([who, , , refused]) => who === 'nobody' && refused === NOT_LOGGED_IN)).toEqual(
      [],
    );
  });

  test('is shown to refuse who lacks the permission that its route asks for', () => {
    const asking = ours().filter(({ permissions }) => permissions !== undefined);
    expect(without(asking, ([, , , refused]) => refused === NO_PERMISSION)).toEqual([]);
  });

  test('is shown to refuse parameters that are wrong', () => {
    const strict = ours().filter(({ query, body, multipart }) => (query ?? body) && !multipart);
    const isInvalid = ([, , , { body }]: Row) =>
      'errorType' in body && body.errorType === 'error-invalid-params';
    // Every member of its body may be left out; the next test is about their types.
    const NOTHING_REQUIRED = ['POST rooms.mediaConfirm/:rid/:fileId'];
    expect(without(strict, isInvalid)).toEqual(NOTHING_REQUIRED);
  });

  test('takes members of no other type than its own', async () => {
    const taken: string[] = [];
    for (const { method, path, query, body } of ours()) {
      for (const [member, schema] of membersOf(query ?? body)) {
        // A text where an object is wanted, a list where either will do, an object everywhere else.
        const wrong = schema.type === 'object' ? 'x' : Array.isArray(schema.type) ? [1] : { a: 1 };
        const params = query && schema.type !== 'object' ? { [`${member}[a]`]: 1 } : { [member]: wrong };
        const answer = await answerTo('admin', `${method} ${path.replace(/:\w+/g, 'x')}`, params);
        const { errorType, error } = answer.body as { errorType?: string; error?: string };
        const isTold =
          /must be (string|number|integer|boolean|array|object)|must match a schema in anyOf/.test(
            error ?? '',
          );
        if (answer.status !== 400 || errorType !== 'error-invalid-params' || !isTold)
          taken.push(`${method} ${path} ${member}: ${answer.status} ${error}`);
      }
    }
    expect(taken).toEqual([]);
    expect(await whatIsStored()).toEqual(stored);
  });

  test('has the documented limit, where that is not the one of all', () => {
    const limits = ours().flatMap(({ path, rateLimit }) => (rateLimit ? [[path, rateLimit]] : []));
    expect(Object.fromEntries(limits)).toEqual({
      spotlight: { calls: 100, windowMs: 100_000 },
      directory: { calls: 100, windowMs: 100_000 },
      'calendar-events.list': { calls: 3, windowMs: 1000 },
      'calendar-events.info': { calls: 3, windowMs: 1000 },
      'video-conference.start': { calls: 3, windowMs: 60_000 },
      'video-conference.join': { calls: 2, windowMs: 5000 },
    });
  });

  test('knows no other verb than its own', async () => {
    const verbs = new Map<string, string[]>();
    for (const { path, method } of ours()) verbs.set(path, [...(verbs.get(path) ?? []), method]);
    for (const [path, own] of verbs) {
      const verb = own.includes('DELETE') ? 'GET' : 'DELETE';
      const answer = await answerTo('admin', `${verb} ${path.replace(/:\w+/g, 'x')}`, {});
      expect([path, answer]).toEqual([path, NO_SUCH_VERB]);
    }
  });
});

const NO_SUCH_VERB = body(405, {
  status: 'error',
  message: 'API endpoint does not exist',
  error: 'API endpoint does not exist',
});

interface MemberSchema {
  type?: string | string[];
  properties?: Record<string, MemberSchema>;
  oneOf?: MemberSchema[];
  anyOf?: MemberSchema[];
}

/** The members of a schema and of its alternatives. */
function membersOf(schema: unknown): [name: string, schema: MemberSchema][] {
  const { properties = {}, oneOf = [], anyOf = [] } = (schema ?? {}) as MemberSchema;
  const all = [...Object.entries(properties), ...[...oneOf, ...anyOf].flatMap(membersOf)];
  return [...new Map(all)];
}
