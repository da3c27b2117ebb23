import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Person, startServer, type TestServer } from '../../../test/support/server.ts';
import {
  type PostgresDatabase,
  postgresDatabase,
  postgresServer,
} from '../../../test/support/test-database.ts';
import { deleteMessagesBy, pageOfAuthor } from '../../messages/messages-of-user.store.ts';

/**
 * How PostgreSQL runs what is asked often, on tables that have grown: calls are made, and each statement that they sent is
 * explained, planned for its values and for any.
 */

const MESSAGES = 200_000;
const ROOMS = 2000;
const PEOPLE = 2000;
/** Nobody reads one of these from end to end. */
const LARGE = new Set([
  'messages',
  'message_words',
  'rooms',
  'subscriptions',
  'users',
  'room_roles',
  'user_roles',
]);

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Index Cond'?: string;
  Plans?: Plan[];
}

interface Statement {
  text: string;
  values: unknown[];
}

// A server has to be there, and that it is PostgreSQL is what this is about.
describe.skipIf(!postgresServer)('plans on large tables (GANTRY_TEST_POSTGRES)', () => {
  let database: PostgresDatabase;
  let server: TestServer;
  let alice: Person;
  let rid: string;
  let thread: string;
  let beside: pg.Client;

  beforeAll(async () => {
    database = await postgresDatabase();
    server = await startServer(database.options);
    beside = new pg.Client(database.options.databaseUrl);
    await beside.connect();
    alice = await server.person('alice');
    const bob = await server.person('bob');
    const created = await alice.post('channels.create', { name: 'large', members: ['bob'] });
    rid = created.body.channel._id;
    const said = await alice.post('chat.sendMessage', { message: { rid, msg: 'a word' } });
    thread = said.body.message._id;
    await alice.post('chat.sendMessage', { message: { rid, msg: 'a reply', tmid: thread } });
    for (const text of growth({ rid, uid: bob.uid, mid: thread })) await beside.query(text);
  }, 120_000);

  afterAll(async () => {
    await beside.end();
    await server.server.close();
    await database.drop();
  });

  /** What `work` makes the server ask, each text once. */
  async function statementsOf(work: () => Promise<unknown>): Promise<Statement[]> {
    const query = vi.spyOn(pg.Client.prototype, 'query');
    try {
      await work();
      const calls = query.mock.calls.map(([call]: unknown[]) => call as Partial<Statement> | string);
      const found = new Map<string, Statement>();
      for (const call of calls)
        if (typeof call === 'object' && call.text)
          found.set(call.text, { text: call.text, values: call.values ?? [] });
      return [...found.values()].filter(({ text }) => /^\s*(select|insert|update|delete|with)\b/i.test(text));
    } finally {
      query.mockRestore();
    }
  }

  async function plansOf({ text, values }: Statement): Promise<Plan[]> {
    const plans: Plan[] = [];
    for (const mode of ['force_custom_plan', 'force_generic_plan']) {
      await beside.query(`set plan_cache_mode = ${mode}`);
      await beside.query(`prepare explained as ${text}`);
      const given = values.map((value) =>
        typeof value === 'number' ? `${value}` : pg.escapeLiteral(String(value)),
      );
      const call =
        given.length > 0
          ? `explained(${given.map((value, at) => (values[at] === null ? 'null' : value))})`
          : 'explained';
      const { rows } = await beside.query(`explain (format json) execute ${call}`);
      plans.push(rows[0]['QUERY PLAN'][0].Plan);
      await beside.query('deallocate explained');
    }
    return plans;
  }

  /** Every step of a plan, and whether it ends when enough is found. */
  function stepsOf(plan: Plan, isLimited = false): { step: Plan; isLimited: boolean }[] {
    const limited = isLimited || plan['Node Type'] === 'Limit';
    return [{ step: plan, isLimited }, ...(plan.Plans ?? []).flatMap((part) => stepsOf(part, limited))];
  }

  /** Reads a large table as a whole: the table itself, or an index of it without knowing where. */
  function readsAll({ step, isLimited }: { step: Plan; isLimited: boolean }): boolean {
    if (!LARGE.has(step['Relation Name'] ?? '')) return false;
    if (step['Node Type'] === 'Seq Scan') return true;
    return /^Index/.test(step['Node Type']) && step['Index Cond'] === undefined && !isLimited;
  }

  async function stepsOfAll(work: () => Promise<unknown>) {
    const statements = await statementsOf(work);
    expect(statements.length).toBeGreaterThan(0);
    const steps: { text: string; step: Plan; isLimited: boolean }[] = [];
    for (const statement of statements)
      for (const plan of await plansOf(statement))
        steps.push(...stepsOf(plan).map((found) => ({ text: statement.text, ...found })));
    return steps;
  }

  /** Statements of `work` that read a large table from end to end. */
  async function endToEnd(work: () => Promise<unknown>): Promise<string[]> {
    const steps = await stepsOfAll(work);
    return steps
      .filter(readsAll)
      .map(({ step, text }) => `${step['Node Type']} of ${step['Relation Name']}: ${text}`);
  }

  const get = async (path: string, query: object) => {
    const { status, body } = await alice.get(path, query as Record<string, unknown>);
    expect([path, status, status === 200 ? '' : body]).toEqual([path, 200, '']);
    return body;
  };
  const post = async (path: string, sent: object) => {
    const { status, body } = await alice.post(path, sent);
    expect([path, status, status === 200 ? '' : body]).toEqual([path, 200, '']);
  };

  test('the newest page of a history', async () => {
    expect(await endToEnd(() => get('channels.history', { roomId: rid, count: 50 }))).toEqual([]);
    const path = 'channels.messages';
    expect(await endToEnd(() => get(path, { roomId: rid, count: 50 }))).toEqual([]);
  });

  test('an old page of a history', async () => {
    const latest = new Date(50_000).toISOString();
    expect(await endToEnd(() => get('channels.history', { roomId: rid, count: 50, latest }))).toEqual([]);
  });

  test('what changed since', async () => {
    const lastUpdate = new Date(Date.now() - 10_000).toISOString();
    expect(await endToEnd(() => get('chat.syncMessages', { roomId: rid, lastUpdate }))).toEqual([]);
    expect(await endToEnd(() => get('subscriptions.get', { updatedSince: lastUpdate }))).toEqual([]);
    expect(await endToEnd(() => get('rooms.get', { updatedSince: lastUpdate }))).toEqual([]);
  });

  test('sending, answering and reading', async () => {
    const send = (message: object) => () => post('chat.sendMessage', { message: { rid, ...message } });
    expect(await endToEnd(send({ msg: 'hello @bob' }))).toEqual([]);
    expect(await endToEnd(send({ msg: 'hello', tmid: thread }))).toEqual([]);
    expect(await endToEnd(() => post('subscriptions.read', { rid }))).toEqual([]);
  });

  test('rooms and subscriptions of a person', async () => {
    expect(await endToEnd(() => get('subscriptions.get', {}))).toEqual([]);
    expect(await endToEnd(() => get('rooms.get', {}))).toEqual([]);
    expect(await endToEnd(() => get('subscriptions.getOne', { roomId: rid }))).toEqual([]);
    expect(await endToEnd(() => get('rooms.info', { roomId: rid }))).toEqual([]);
  });

  test('a search by word', async () => {
    const search = () => get('chat.search', { roomId: rid, searchText: 'word780' });
    expect(await endToEnd(search)).toEqual([]);
    expect((await search()).messages).not.toEqual([]);
  });

  test('the threads of a room, and one of them', async () => {
    expect(await endToEnd(() => get('chat.getThreadsList', { rid, count: 50 }))).toEqual([]);
    expect(await endToEnd(() => get('chat.getThreadMessages', { tmid: thread, count: 50 }))).toEqual([]);
  });

  test('the messages of an author', async () => {
    const { ctx } = server.server;
    const page = () => pageOfAuthor(ctx.db, 'person7', { type: undefined, limit: 100 });
    expect(await endToEnd(page)).toEqual([]);
    const indexes = (await stepsOfAll(page)).map(({ step }) => step['Index Name']);
    expect(indexes.filter((name) => name === 'messages_stretch_uid')).toHaveLength(2);
    expect(await page()).toHaveLength(100);
    expect(await endToEnd(() => ctx.write((tx) => deleteMessagesBy(tx, 'person7', 1)))).toEqual([]);
  });
});

/** Makes rows like the few that are there, as many as a workspace has after a while. */
function growth({ rid, uid, mid }: { rid: string; uid: string; mid: string }): string[] {
  const copies = (table: string, where: string, count: number, changes: string) => `
    insert into ${table} select made.* from ${table} original
    cross join generate_series(1, ${count}) n
    cross join lateral jsonb_populate_record(original, jsonb_build_object(${changes})) made
    where ${where}`;
  const [room, person, message] = [rid, uid, mid].map((id) => pg.escapeLiteral(id));
  return [
    copies(
      'users',
      `original.id = ${person}`,
      PEOPLE,
      "'id', 'person' || n, 'username', 'person' || n, 'username_key', 'person' || n",
    ),
    copies(
      'rooms',
      `original.id = ${room}`,
      ROOMS,
      "'id', 'room' || n, 'name', 'room' || n, 'fname', 'room' || n",
    ),
    // Everybody in twenty rooms, and in the large one.
    copies(
      'subscriptions',
      `original.uid = ${person} and original.rid = ${room}`,
      PEOPLE * 20,
      `'id', 's' || n, 'uid', 'person' || (n % ${PEOPLE} + 1), 'rid', 'room' || ((n * 7 + n / ${PEOPLE}) % ${ROOMS} + 1)`,
    ),
    copies(
      'subscriptions',
      `original.uid = ${person} and original.rid = ${room}`,
      PEOPLE,
      "'id', 'l' || n, 'uid', 'person' || n",
    ),
    copies(
      'messages',
      `original.id = ${message}`,
      MESSAGES,
      `'seq', 1000 + n, 'id', 'm' || n, 'uid', 'person' || (n % ${PEOPLE} % 300 + 1), 'ts', n, 'updated_at', n,
       'rid', case when n % 20 = 0 then original.rid else 'room' || (n % ${ROOMS} + 1) end,
       'tcount', case when n % 50 = 0 then 1 end, 'tlm', case when n % 50 = 0 then n end,
       'doc', replace(replace(original.doc, original.id, 'm' || n), '"a word"', '"word' || (n % 1000) || '"')`,
    ),
    `select setval(pg_get_serial_sequence('messages', 'seq'), (select max(seq) from messages))`,
    `insert into message_words select seq, array_to_tsvector(array[
      U&'\\E000' || regexp_replace(rid, '[^A-Za-z0-9]', '', 'g'), 'word' || ((seq - 1000) % 1000)]) from messages where seq > 1000`,
    'update indexed_messages set up_to = (select max(seq) from messages)',
    'vacuum analyze',
  ];
}
