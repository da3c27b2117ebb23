import { afterAll, beforeAll, expect, test } from 'vitest';
import { coded, plain } from '../support/rooms.ts';
import { type Person, startServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let alice: Person;
beforeAll(async () => {
  server = await startServer();
  alice = await server.person('alice');
});
afterAll(() => server.close());

const DETAILS = { method: 'insertOrUpdateUserStatus' };
const list = async (query: object = {}) =>
  (await alice.get('custom-user-status.list', query as Record<string, unknown>)).body;

test('statuses are made, changed and taken away; everybody logged in learns of it', async () => {
  const { admin } = server;
  const socket = await alice.ddp();
  for (const event of ['updateCustomUserStatus', 'deleteCustomUserStatus'])
    await socket.subscribe('stream-notify-logged', event);
  const made = await admin.post('custom-user-status.create', { name: ' Driving ', statusType: 'busy' });
  const { customUserStatus: status } = made.body;
  expect(made.body).toEqual({
    customUserStatus: {
      _id: expect.any(String),
      name: 'Driving',
      statusType: 'busy',
      _updatedAt: expect.any(String),
    },
    success: true,
  });
  expect(await socket.event('notify-logged', 'updateCustomUserStatus')).toEqual([
    { userStatusData: { _id: status._id, name: 'Driving', statusType: 'busy' } },
  ]);
  await admin.post('custom-user-status.create', { name: 'At lunch' });
  expect(await list()).toMatchObject({ count: 2, offset: 0, total: 2, success: true });
  expect((await list()).statuses.map(({ name }: { name: string }) => name)).toEqual(['At lunch', 'Driving']);
  expect((await list({ sort: '{"name":-1}', count: 1 })).statuses).toMatchObject([{ name: 'Driving' }]);
  expect((await list({ name: 'LUNCH' })).statuses).toMatchObject([{ statusType: 'online' }]);
  expect((await list({ _id: status._id })).total).toBe(1);
  expect(await socket.call('listCustomUserStatus')).toMatchObject([
    { name: 'At lunch' },
    { name: 'Driving' },
  ]);

  const change = { _id: status._id, name: 'On the train', statusType: 'away' };
  expect((await admin.post('custom-user-status.update', change)).body.customUserStatus).toMatchObject(change);
  const gone = await admin.post('custom-user-status.delete', { customUserStatusId: status._id });
  expect(gone.body).toEqual({ success: true });
  expect(await socket.event('notify-logged', 'deleteCustomUserStatus')).toEqual([
    { userStatusData: { _id: status._id, name: 'On the train', statusType: 'away' } },
  ]);
  expect((await list()).total).toBe(1);
});

test('what is refused', async () => {
  const { admin } = server;
  const create = async (person: Person, body: object) =>
    (await person.post('custom-user-status.create', body)).body;
  expect(await create(alice, { name: 'x' })).toMatchObject({ success: false, errorType: 'not_authorized' });
  expect(await create(admin, { name: '  ' })).toEqual(
    coded('error-the-field-is-required', 'The field Name is required', { ...DETAILS, field: 'Name' }),
  );
  expect(await create(admin, { name: 'a<b' })).toEqual(
    coded('error-input-is-not-a-valid-field', 'a<b is not a valid name', {
      ...DETAILS,
      input: 'a<b',
      field: 'Name',
    }),
  );
  expect(await create(admin, { name: 'x', statusType: 'asleep' })).toMatchObject({
    error: 'asleep is not a valid status type [error-input-is-not-a-valid-field]',
  });
  expect(await create(admin, { name: 'At lunch' })).toEqual(
    coded(
      'Custom_User_Status_Error_Name_Already_In_Use',
      'The custom user status name is already in use',
      DETAILS,
    ),
  );
  expect((await admin.post('custom-user-status.update', { _id: 'none', name: 'x' })).body).toEqual(
    plain('No custom user status found with the id of "none".'),
  );
  expect((await admin.post('custom-user-status.delete', {})).body).toEqual(
    plain('The "customUserStatusId" params is required!'),
  );
  expect((await admin.post('custom-user-status.delete', { customUserStatusId: 'none' })).body).toEqual(
    coded('Custom_User_Status_Error_Invalid_User_Status', 'Invalid user status', {
      method: 'deleteCustomUserStatus',
    }),
  );
});
