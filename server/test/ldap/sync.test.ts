import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { planSync } from '../../src/accounts/ldap/ldap.jobs.ts';
import type { AccountsServer } from '../support/accounts-server.ts';
import {
  BIND_REQUEST,
  BIND_RESPONSE,
  ldapMessage,
  result,
  SEARCH_DONE,
  searchEntry,
  startFakeDirectory,
} from '../support/fake-directory.ts';
import { groupEntry, hasSlapd, PEOPLE, personEntry, type Slapd, startSlapd } from '../support/slapd.ts';
import { auditTrail, directorySettings, localPerson, startWithDirectory } from './support.ts';

/** `ldap.syncNow` and the synchronization that goes by itself. */

const STARTED = { status: 200, body: { message: 'Sync_in_progress', success: true } };

async function sync(server: AccountsServer): Promise<void> {
  expect(await server.call(server.admin, 'POST', 'ldap.syncNow')).toEqual(STARTED);
  await jobsDone(server);
}

/** Mails are jobs, too: what is due has been done when they are there. */
const jobsDone = (server: AccountsServer) => server.mails();

/** Everybody but the administrator and the bot, as the administrator sees them. */
async function accounts({ ctx }: AccountsServer) {
  const rows = await ctx.db.selectFrom('users').select(['id', 'username', 'name', 'active']).execute();
  return rows
    .filter(({ username }) => username !== 'root' && username !== 'rocket.cat')
    .sort((a, b) => (a.username ?? '').localeCompare(b.username ?? ''));
}

const jobs = ({ ctx }: AccountsServer) =>
  ctx.db.selectFrom('jobs').select(['kind', 'run_at', 'payload', 'attempts']).execute();

const PEOPLE_COUNT = 23;
const uid = (n: number) => `person${String(n).padStart(2, '0')}`;
const dn = (n: number) => `uid=${uid(n)},${PEOPLE}`;

describe.skipIf(!hasSlapd())('with slapd', () => {
  let slapd: Slapd;
  let server: AccountsServer;

  beforeAll(async () => {
    slapd = await startSlapd([
      ...Array.from({ length: PEOPLE_COUNT }, (_, n) => personEntry(uid(n))),
      groupEntry(
        'chatters',
        Array.from({ length: PEOPLE_COUNT }, (_, n) => n)
          .filter((n) => n % 2 === 0)
          .map(dn),
      ),
    ]);
  });
  afterAll(() => slapd?.close());

  beforeEach(async () => {
    server = await startWithDirectory(slapd, { LDAP_Search_Page_Size: '5' });
  });
  afterEach(() => slapd.remove(`uid=somebody,${PEOPLE}`).catch(() => {}));

  test('everybody in the directory gets an account, page by page, and only once', async () => {
    await sync(server);
    const made = await accounts(server);
    expect(made.map(({ username }) => username)).toEqual(
      Array.from({ length: PEOPLE_COUNT }, (_, n) => uid(n)),
    );
    expect(server.asked.filter((asked) => asked.startsWith('join person'))).toHaveLength(PEOPLE_COUNT);
    const trail = await auditTrail(server);
    expect(trail.filter(({ kind }) => kind === 'user.created')).toHaveLength(PEOPLE_COUNT);
    expect(trail.find(({ kind }) => kind === 'user.created')).toMatchObject({
      actor: null,
      doc: expect.stringContaining('LDAP synchronization'),
    });
    expect(trail).toContainEqual(expect.objectContaining({ kind: 'ldap.synchronized', actor: 'root' }));

    await sync(server);
    expect(await accounts(server)).toEqual(made);
    expect((await auditTrail(server)).filter(({ kind }) => kind !== 'ldap.synchronized')).toHaveLength(
      PEOPLE_COUNT,
    );
    // They log in to the accounts that they have.
    const login = { user: uid(3), password: `${uid(3)}-ldap` };
    const { body } = await server.call(null, 'POST', 'login', login);
    expect(body.data.userId).toBe(made[3]?.id);
  });

  test('more accounts than the directory is asked about at once are all looked at', async () => {
    const more = Array.from({ length: 100 }, (_, n) => personEntry(`more${n}`));
    await slapd.add(...more);
    await sync(server);
    await slapd.remove(...more.map((entry) => entry.dn));
    await server.set('LDAP_Background_Sync_Disable_Missing_Users', true);
    await sync(server);
    const all = await accounts(server);
    expect(all.filter(({ active }) => active)).toHaveLength(PEOPLE_COUNT);
    expect(all.filter(({ active }) => !active)).toHaveLength(100);
  });

  test('newcomers are those in the group', async () => {
    await server.set('LDAP_Group_Filter_Enable', true);
    await server.set('LDAP_Group_Filter_Group_Name', 'chatters');
    await sync(server);
    const made = (await accounts(server)).map(({ username }) => username);
    expect(made).toEqual(Array.from({ length: 12 }, (_, n) => uid(2 * n)));
  });

  test('no more are read than the settings allow', async () => {
    await server.set('LDAP_Search_Size_Limit', 7);
    await sync(server);
    expect(await accounts(server)).toHaveLength(7);
  });

  test('newcomers stay away where nobody wants them', async () => {
    await server.set('LDAP_Background_Sync_Import_New_Users', false);
    await sync(server);
    expect(await accounts(server)).toEqual([]);
  });

  test('an account of the same name is linked only where both settings say so', async () => {
    const local = await localPerson(server, uid(1), { email: 'local@example.org' });
    await server.set('LDAP_Background_Sync_Import_New_Users', false);
    const isLinked = async () => {
      const { body } = await server.call(server.admin, 'GET', `users.info?userId=${local.uid}`);
      return body.user.ldap === true;
    };
    await server.set('LDAP_Background_Sync_Merge_Existent_Users', true);
    await sync(server);
    expect(await isLinked()).toBe(false);
    await server.set('LDAP_Merge_Existing_Users', true);
    await sync(server);
    expect(await isLinked()).toBe(true);
    expect(await accounts(server)).toHaveLength(1);
  });

  test('accounts follow the directory', async () => {
    await slapd.add(personEntry('somebody'));
    await sync(server);
    await slapd.replace(`uid=somebody,${PEOPLE}`, { cn: 'Somebody Else', mail: 'else@example.org' });
    await server.set('LDAP_Background_Sync_Keep_Existant_Users_Updated', false);
    await sync(server);
    const info = async () =>
      (await server.call(server.admin, 'GET', 'users.info?username=somebody')).body.user;
    expect((await info()).name).toBe('Somebody Example');
    await server.set('LDAP_Background_Sync_Keep_Existant_Users_Updated', true);
    await sync(server);
    expect(await info()).toMatchObject({
      name: 'Somebody Else',
      emails: [{ address: 'else@example.org', verified: true }],
    });
  });

  test('who is gone is switched off where the settings say so, and nobody else', async () => {
    await slapd.add(personEntry('somebody'));
    await sync(server);
    const login = { user: 'somebody', password: 'somebody-ldap' };
    expect((await server.call(null, 'POST', 'login', login)).status).toBe(200);
    await slapd.remove(`uid=somebody,${PEOPLE}`);
    await sync(server);
    const inactive = async () => (await accounts(server)).filter(({ active }) => !active);
    expect(await inactive()).toEqual([]);
    await server.set('LDAP_Background_Sync_Disable_Missing_Users', true);
    await sync(server);
    expect(await inactive()).toMatchObject([{ username: 'somebody' }]);
    expect(server.asked.some((asked) => asked.startsWith('relinquish'))).toBe(true);
    expect(server.eventsNamed('tokens.removed').at(-1)).toMatchObject({ reason: 'deactivated' });
    expect(await auditTrail(server)).toContainEqual(
      expect.objectContaining({
        kind: 'user.deactivated',
        doc: expect.stringContaining('LDAP synchronization'),
      }),
    );
  });

  test.each([
    { LDAP_User_Search_Filter: '(uid=nobody)' },
    { LDAP_User_Search_Filter: '(uid=' },
    { LDAP_BaseDN: 'ou=nowhere,dc=example,dc=org' },
    { LDAP_Authentication_Password: 'wrong' },
    { LDAP_Port: 1 },
  ])('settings that show nobody (%j) switch nobody off', async (settings) => {
    await sync(server);
    await server.set('LDAP_Background_Sync_Disable_Missing_Users', true);
    for (const [id, value] of Object.entries(settings)) await server.set(id, value);
    await sync(server);
    expect((await accounts(server)).filter(({ active }) => !active)).toEqual([]);
    expect(await jobs(server)).toMatchObject([{ kind: 'ldap.sync', attempts: 1 }]);
  });

  test('accounts are found again after the attribute that tells people apart was changed', async () => {
    await server.set('LDAP_Unique_Identifier_Field', 'uid');
    await sync(server);
    await server.set('LDAP_Background_Sync_Disable_Missing_Users', true);
    await server.set('LDAP_Unique_Identifier_Field', 'entryUUID');
    await sync(server);
    const all = await accounts(server);
    expect(all.filter(({ active }) => active)).toHaveLength(PEOPLE_COUNT);
    expect(all).toHaveLength(PEOPLE_COUNT);
  });

  test('the last administrator stays', async () => {
    await slapd.add(personEntry('somebody'));
    await sync(server);
    const { body } = await server.call(server.admin, 'GET', 'users.info?username=somebody');
    const { _id: userId } = body.user;
    await server.call(server.admin, 'POST', 'users.update', { userId, data: { roles: ['admin'] } });
    await slapd.remove(`uid=somebody,${PEOPLE}`);
    await server.set('LDAP_Background_Sync_Disable_Missing_Users', true);
    await server.set('LDAP_Background_Sync', true);
    await planSync(server.ctx);
    const off = { userId: server.admin.uid, activeStatus: false, confirmRelinquish: true };
    expect((await server.call(server.admin, 'POST', 'users.setActiveStatus', off)).status).toBe(200);
    server.wait(24 * 60 * 60_000);
    await jobsDone(server);
    expect(await jobs(server)).toEqual([]);
    expect((await accounts(server)).find(({ username }) => username === 'somebody')?.active).toBe(1);
  });

  test('accounts that the directory locks are switched off, and on again', async () => {
    await slapd.add(personEntry('somebody'));
    await sync(server);
    const active = async () =>
      (await accounts(server)).find(({ username }) => username === 'somebody')?.active;
    await slapd.replace(`uid=somebody,${PEOPLE}`, { pwdAccountLockedTime: '000001010000Z' });
    await sync(server);
    expect(await active()).toBe(1);
    await server.set('LDAP_Sync_User_Active_State', 'disable');
    await sync(server);
    expect(await active()).toBe(0);
    await slapd.replace(`uid=somebody,${PEOPLE}`, { pwdAccountLockedTime: undefined });
    await sync(server);
    expect(await active()).toBe(0);
    await server.set('LDAP_Sync_User_Active_State', 'both');
    await sync(server);
    expect(await active()).toBe(1);
  });
});

describe('by whom and when', () => {
  const LDAP_PORT_OF_NOBODY = { port: 1 };

  test('who may not synchronize is told so before anything else', async () => {
    const server = await startWithDirectory(LDAP_PORT_OF_NOBODY);
    const bob = await localPerson(server, 'bob');
    const refused = { status: 400, body: { success: false, error: 'error-not-authorized' } };
    expect(await server.call(bob, 'POST', 'ldap.syncNow')).toMatchObject(refused);
    expect((await server.call(null, 'POST', 'ldap.syncNow')).status).toBe(401);
    await server.set('LDAP_Enable', false);
    const disabled = { status: 400, body: { success: false, error: 'LDAP_disabled' } };
    expect(await server.call(server.admin, 'POST', 'ldap.syncNow')).toMatchObject(disabled);
    expect(await jobs(server)).toEqual([]);
  });

  test('it asks for a second factor', async () => {
    const server = await startWithDirectory(LDAP_PORT_OF_NOBODY);
    server.wait(24 * 60 * 60_000);
    const { body } = await server.call(server.admin, 'POST', 'ldap.syncNow');
    expect(body).toMatchObject({ success: false, errorType: 'totp-required' });
    expect(await jobs(server)).toEqual([]);
  });

  test('by itself it runs at the times of the settings', async () => {
    const server = await startWithDirectory(LDAP_PORT_OF_NOBODY);
    await planSync(server.ctx);
    expect(await jobs(server)).toEqual([]);
    await server.set('LDAP_Background_Sync', true);
    await server.set('LDAP_Background_Sync_Interval', '*/20 * * * *');
    await planSync(server.ctx);
    await planSync(server.ctx);
    const runAt = Date.parse('2026-01-01T00:20:00.000Z');
    expect(await jobs(server)).toMatchObject([{ kind: 'ldap.sync', run_at: runAt, attempts: 0 }]);

    // The plan of an interval that is no longer wanted does nothing.
    await server.set('LDAP_Background_Sync_Interval', 'every_24_hours');
    await planSync(server.ctx);
    const [, daily] = await jobs(server);
    expect((daily?.run_at ?? 0) - server.ctx.clock.now()).toBeGreaterThan(20 * 60_000);
    server.wait(20 * 60_000);
    await jobsDone(server);
    expect(await jobs(server)).toMatchObject([{ run_at: daily?.run_at, attempts: 0 }]);
    // It is switched off before its time has come.
    await server.set('LDAP_Background_Sync', false);
    server.wait(24 * 60 * 60_000);
    await jobsDone(server);
    expect(await jobs(server)).toEqual([]);
  });

  test('a directory that breaks off in the middle switches nobody off, and is asked again later', async () => {
    let isBroken = false;
    const fake = await startFakeDirectory(({ id, operation, data, socket }) => {
      if (operation === BIND_REQUEST) return void socket.write(ldapMessage(id, result(BIND_RESPONSE, 0)));
      // The one who is asked about by id.
      if (isBroken && data.includes('uidnumber')) return void socket.destroy();
      socket.write(ldapMessage(id, searchEntry('uid=a', { uid: 'a', uidNumber: '1' })));
      socket.write(ldapMessage(id, result(SEARCH_DONE, 0)));
    });
    onTestFinished(() => fake.close());
    const server = await startWithDirectory(fake, {
      ...directorySettings(fake),
      LDAP_Background_Sync_Disable_Missing_Users: 'true',
    });
    await sync(server);
    expect(await accounts(server)).toMatchObject([{ username: 'a', active: 1 }]);
    isBroken = true;
    await sync(server);
    expect(await accounts(server)).toMatchObject([{ username: 'a', active: 1 }]);
    expect(await jobs(server)).toMatchObject([{ kind: 'ldap.sync', attempts: 1 }]);
    isBroken = false;
    server.wait(60_000);
    await jobsDone(server);
    expect(await jobs(server)).toEqual([]);
  });
});
