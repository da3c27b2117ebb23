import { afterAll, beforeAll, expect, test } from 'vitest';
import { DdpClient } from '../../test/support/ddp-client.ts';
import { coded, INVALID_PARAMS, NO_PERMISSION, NOT_LOGGED_IN, plain } from '../../test/support/rooms.ts';
import { type Person, startServer, type TestServer } from '../../test/support/server.ts';
import { changeOperation, endRunningImport } from './operation-steps.ts';
import { currentOperation } from './operations.ts';

let server: TestServer;
let alice: Person;

beforeAll(async () => {
  server = await startServer();
  alice = await server.person('alice');
});
afterAll(() => server.close());

const DONE = { success: true };
const add = (...users: object[]) => server.admin.post('import.addUsers', { users });
const person = (name: string, more: object = {}) => ({
  ...{ importIds: [`id-${name}`], emails: [`${name}@example.com`], username: name, ...more },
});
const status = async () => (await server.admin.get('import.status')).body;
const run = async () => {
  expect((await server.admin.post('import.run')).body).toEqual(DONE);
  await server.server.jobs.idle();
};
const userNamed = async (username: string) => (await server.admin.get('users.info', { username })).body.user;
const operation = expect.objectContaining({ type: 'api', importerKey: 'api', user: expect.any(String) });

test('before the first operation', async () => {
  expect(await status()).toEqual({ state: 'none', success: true });
  const { admin } = server;
  expect((await admin.get('getCurrentImportOperation')).body).toEqual(DONE);
  expect((await admin.get('getLatestImportOperations')).body).toEqual([]);
  const none = coded('error-operation-not-found', 'Import Operation Not Found');
  expect((await admin.get('getImportProgress')).body).toMatchObject(none);
  expect((await add(person('x'))).body).toEqual(plain('Import operation not initialized.'));
  expect((await admin.post('import.run')).body).toEqual(plain('error-operation-not-found'));
  expect((await admin.post('import.clear')).body).toEqual(DONE);
});

test('users are added, taken in behind the answer, and watched by who may', async () => {
  const watcher = await server.admin.ddp();
  await watcher.subscribe('stream-importers', 'progress');
  const began = await server.admin.post('import.new');
  expect(began.body).toEqual({ operation, success: true });
  expect(began.body.operation).toEqual({
    ...{ _id: expect.any(String), type: 'api', importerKey: 'api', ts: expect.any(String) },
    ...{ status: 'importer_new', valid: true, user: server.admin.uid, _updatedAt: expect.any(String) },
  });
  expect(await status()).toMatchObject({ state: 'new' });
  const bob = person('bob', {
    ...{
      name: 'Bob B',
      password: 'a good password',
      roles: ['moderator'],
      statusText: 'there',
      utcOffset: 2,
    },
  });
  expect((await add(bob, person('gone', { deleted: true }))).body).toEqual(DONE);
  expect((await add(person('robot', { type: 'bot' }), person('No Name!'))).body).toEqual(DONE);
  expect((await add({ importIds: ['9'], emails: ['jane.doe@example.com'], name: 'Jane Doe' })).body).toEqual(
    DONE,
  );
  // An account that is here already, by its address.
  const known = {
    importIds: ['7'],
    emails: ['ALICE@example.com'],
    username: 'other',
    name: 'Alice A',
    password: 'x',
  };
  expect((await add(known)).body).toEqual(DONE);
  const stored = await server.server.ctx.db.selectFrom('import_records').select('doc').execute();
  expect(JSON.stringify(stored)).not.toContain('a good password');
  expect(await status()).toMatchObject({
    state: 'ready',
    operation: { status: 'importer_user_selection', count: { total: 6, users: 6, completed: 0, error: 0 } },
  });

  await run();
  expect(await status()).toMatchObject({
    state: 'done',
    operation: { count: { total: 6, completed: 5, error: 1 } },
  });
  const progress = {
    key: 'api',
    name: 'api',
    step: 'importer_done',
    count: { completed: 5, total: 6, error: 1 },
  };
  expect((await server.admin.get('getImportProgress')).body).toEqual({ ...progress, success: true });
  const [last] = await watcher.event('importers', 'progress', ([each]) => each?.step === 'importer_done');
  expect(last).toEqual(progress);

  expect(await userNamed('bob')).toMatchObject({
    ...{
      name: 'Bob B',
      type: 'user',
      active: true,
      roles: ['user', 'moderator'],
      statusText: 'there',
      utcOffset: 2,
    },
    ...{ emails: [{ address: 'bob@example.com', verified: false }], importIds: ['id-bob'] },
  });
  const login = { user: 'bob', password: 'a good password' };
  expect((await server.anonymous.post('login', login)).body.data).toMatchObject({ me: { username: 'bob' } });
  expect(await userNamed('gone')).toMatchObject({ active: false });
  expect(await userNamed('robot')).toMatchObject({ type: 'bot' });
  expect(await userNamed('jane.doe')).toMatchObject({ name: 'Jane Doe', importIds: ['9'] });
  expect(await userNamed('alice')).toMatchObject({ _id: alice.uid, name: 'Alice A', importIds: ['7'] });
  // Its session goes on, and its password is its owner's.
  expect((await alice.get('me')).status).toBe(200);
  const rooms = await server.server.ctx.db.selectFrom('subscriptions').innerJoin('users', 'users.id', 'uid');
  expect(await rooms.select('rid').where('users.username', '=', 'bob').execute()).toEqual([]);

  const left = await server.server.ctx.db.selectFrom('import_records').select('error').execute();
  expect(left).toEqual([{ error: expect.stringContaining('is not a valid username') }]);
  const { body } = await server.admin.get('audit.actions', { type: 'import.started' });
  expect(body).toMatchObject({ total: 1, events: [{ t: 'import.started' }] });
});

test('what is over takes nobody, and importing again changes nobody', async () => {
  expect((await add(person('x'))).body).toEqual(plain('The current import operation is already finished.'));
  expect((await server.admin.post('import.run')).body).toEqual(plain('error-invalid-operation-status'));
  const before = await userNamed('bob');
  await server.admin.post('import.new');
  expect(await server.server.ctx.db.selectFrom('import_records').select('doc').execute()).toEqual([]);
  await add(person('bob', { roles: ['moderator'] }));
  await run();
  expect(await userNamed('bob')).toEqual({ ...before, lastLogin: expect.any(String) });
});

test.each<[string, object[], object]>([
  ['without an address', [person('x', { emails: [] })], plain('Users are missing required data.')],
  ['without an id', [person('x', { importIds: ['  '] })], plain('Users are missing required data.')],
  [
    'with a role that there is not',
    [person('x', { roles: ['king'] })],
    plain('One or more of the users have been assigned invalid roles.'),
  ],
  ['of another type', [person('x', { type: 'app' })], INVALID_PARAMS],
  ['without its lists', [{ username: 'x' }], INVALID_PARAMS],
])('a user %s is refused, and nobody is added', async (_what, users, answer) => {
  await server.admin.post('import.new');
  expect((await add(person('y'), ...users)).body).toEqual(answer);
  expect(await status()).toMatchObject({ state: 'new' });
});

test('a restart or somebody ends an import', async () => {
  const { ctx } = server.server;
  await server.admin.post('import.new');
  await add(person('late'));
  await ctx.write(async (tx, emit) => {
    const current = await currentOperation({ ...ctx, db: tx });
    if (current) await changeOperation(ctx, { tx, emit }, current, { step: 'importer_importing_users' });
  });
  expect(await status()).toMatchObject({ state: 'importing' });
  expect((await add(person('x'))).body).toEqual(
    plain('The current import operation can not receive new data.'),
  );
  await endRunningImport(ctx);
  expect(await status()).toMatchObject({ state: 'error', operation: { valid: false } });
  expect((await server.admin.post('import.run')).body).toEqual(plain('error-invalid-operation-status'));
  await server.admin.post('import.new');
  expect((await server.admin.post('import.clear')).body).toEqual(DONE);
  expect(await status()).toMatchObject({ state: 'error', operation: { valid: false } });
  expect((await server.admin.get('getLatestImportOperations')).body).toHaveLength(5);
});

test.each([
  ...(['import.new', 'import.run', 'import.clear'] as const).map((path) => ['post', path] as const),
  ...(['import.status', 'getImportProgress', 'getCurrentImportOperation'] as const).map(
    (path) => ['get', path] as const,
  ),
  ['get', 'getLatestImportOperations'] as const,
])('%s %s is refused without login or permission', async (verb, path) => {
  expect((await server.anonymous[verb](path, {})).body).toEqual(NOT_LOGGED_IN);
  expect(await alice[verb](path, {})).toMatchObject({ status: 403, body: NO_PERMISSION });
});

test('the stream is ready for those who administer it and refused to others', async () => {
  const refused = { error: 'not-allowed' };
  const [stranger, member] = [await DdpClient.connect(server.url), await alice.ddp()];
  await expect(stranger.subscribe('stream-importers', 'progress')).rejects.toMatchObject(refused);
  await expect(member.subscribe('stream-importers', 'progress')).rejects.toMatchObject(refused);
  await expect((await server.admin.ddp()).subscribe('stream-importers', 'progress')).resolves.toEqual(
    expect.any(String),
  );
  stranger.close();
});
