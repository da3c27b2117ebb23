import { beforeAll, expect, test } from 'vitest';
import type { TestServer } from '../support/server.ts';
import { samlWorld } from './saml-world.ts';

/** Which roles people have by what the provider says of them. */

const world = samlWorld();
const { having, comeIn } = world;

let server: TestServer;
beforeAll(async () => {
  server = world.server();
  const { status } = await server.admin.post('roles.create', { name: 'Engineer' });
  expect(status).toBe(200);
});

const roleId = async (name: string) =>
  (await server.admin.get('roles.list')).body.roles.find((role: { name: string }) => role.name === name)._id;

/** The roles of somebody after a login with these attributes. */
async function rolesOf(name: string, attributes: Record<string, string | string[]> = {}): Promise<string[]> {
  const email = `${name}@example.org`;
  const { status, body } = await comeIn({
    nameId: email,
    attributes: { username: name, email, ...attributes },
  });
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body.data.me.roles;
}

test('newcomers have the roles of the setting, as far as they exist', async () => {
  expect(await rolesOf('ann')).toEqual(['user']);
  const engineer = await roleId('Engineer');
  await having({ default_user_role: 'guest, Engineer,guest,nothing' }, async () => {
    expect(await rolesOf('ben')).toEqual(['guest', engineer]);
    // Only newcomers.
    expect(await rolesOf('ann')).toEqual(['user']);
  });
  for (const default_user_role of ['', ' , ', 'nothing'])
    await having(
      { default_user_role, Accounts_Registration_AuthenticationServices_Default_Roles: 'guest' },
      async () => expect(await rolesOf(`cy${default_user_role.length}`)).toEqual(['guest']),
    );
});

test('an attribute decides nothing that nobody has switched on', async () => {
  expect(await rolesOf('dan', { role: 'admin' })).toEqual(['user']);
  await having({ role_attribute_sync: true, role_attribute_name: '' }, async () =>
    expect(await rolesOf('dan', { role: 'admin', '': 'admin' })).toEqual(['user']),
  );
  await having({ role_attribute_sync: true, role_attribute_name: 'groups' }, async () =>
    expect(await rolesOf('dan', { role: 'admin' })).toEqual(['user']),
  );
});

test('people have the roles that the attribute names, from the first login on', async () => {
  const engineer = await roleId('Engineer');
  await having({ role_attribute_sync: true }, async () => {
    expect(await rolesOf('eve', { role: 'guest,Engineer' })).toEqual(['guest', engineer]);
    expect(await rolesOf('eve', { role: ['user', ' bot , nothing', engineer] })).toEqual([
      'user',
      'bot',
      engineer,
    ]);
    expect(await rolesOf('eve', { role: 'user' })).toEqual(['user']);
    // What names no role takes none.
    for (const attributes of [{}, { role: '' }, { role: [',', 'nothing'] }])
      expect(await rolesOf('eve', attributes as Record<string, string | string[]>)).toEqual(['user']);
  });
  await having({ role_attribute_sync: true, role_attribute_name: 'groups' }, async () =>
    expect(await rolesOf('eve', { role: 'user', groups: 'guest' })).toEqual(['guest']),
  );
  // What was given stays when it is switched off.
  expect(await rolesOf('eve', { role: 'user' })).toEqual(['guest']);
});

test('an administrator by the attribute is one at once, and the trail says so', async () => {
  await having({ role_attribute_sync: true }, async () => {
    expect(await rolesOf('fay', { role: 'user,admin' })).toEqual(['user', 'admin']);
    const email = 'fay@example.org';
    const { body } = await comeIn({ nameId: email, attributes: { username: 'fay', email, role: 'user' } });
    expect(body.data.me.roles).toEqual(['user']);
    const headers = { 'x-user-id': body.data.userId, 'x-auth-token': body.data.authToken };
    expect((await server.anonymous.get('audit.actions', {}, headers)).status).toBe(403);
    const { events } = (await server.admin.get('audit.actions', { type: 'user.changed' })).body;
    type Entry = { data: { key: string; value: unknown }[] };
    const changes = events
      .map(({ data }: Entry) => Object.fromEntries(data.map(({ key, value }) => [key, value])))
      .filter(({ user }: { user: { username: string } }) => user.username === 'fay');
    expect(changes).toMatchObject([
      { previous: { roles: ['user', 'admin'] }, current: { roles: ['user'] } },
      { previous: { roles: ['user'] }, current: { roles: ['user', 'admin'] } },
    ]);
  });
});

test('the last administrator stays one', async () => {
  const other = { userId: 'rocketchat.internal.admin.test', activeStatus: false, confirmRelinquish: true };
  expect((await server.admin.post('users.setActiveStatus', other)).status).toBe(200);
  const byName = { merge_users: true, immutable_property: 'Username' };
  await having({ role_attribute_sync: true, ...byName }, async () => {
    const { username } = (await server.admin.get('me')).body;
    const { status, body } = await comeIn({ nameId: 'the-admin', attributes: { username, role: 'user' } });
    expect({ status, message: body.message }).toEqual({ status: 200, message: undefined });
    expect(body.data.me.roles.toSorted()).toEqual(['admin', 'user']);
  });
});
