import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from '../../test/support/server.ts';

const BLOCK = 'Block_Multiple_Failed_Logins_';
let server: TestServer;

beforeAll(async () => {
  server = await startServer({
    settingDefaults: {
      [`${BLOCK}Notify_Failed`]: 'true',
      [`${BLOCK}Notify_Failed_Channel`]: 'Night Watch',
      [`${BLOCK}Attempts_Until_Block_by_User`]: '2',
      UI_Allow_room_names_with_special_chars: 'true',
    },
  });
});
afterAll(() => server.close());

const logInWrongly = (user: string) => server.anonymous.post('login', { user, password: 'wrong' });

test('the channel is told once of a name that is blocked', async () => {
  const { admin } = server;
  const { channel } = (await admin.post('channels.create', { name: 'Night Watch' })).body;
  const socket = await admin.ddp();
  await socket.subscribe('stream-room-messages', channel._id);
  for (let attempt = 0; attempt < 3; attempt++) await logInWrongly('mallory');
  const [message] = await socket.event(
    'room-messages',
    channel._id,
    ([message]) => (message as { attachments?: object[] }).attachments?.length === 1,
  );
  const value = expect.stringMatching(/^User or IP: mallory\nBlocked until: \d{4}-.*Z\nFailed Attempts: 2$/);
  expect(message).toMatchObject({
    u: { _id: 'rocket.cat' },
    attachments: [{ color: 'red', fields: [{ title: 'Failed login attempt threshold exceeded', value }] }],
  });
  const { messages } = (await admin.get('channels.messages', { roomId: channel._id })).body;
  expect(messages.filter(({ attachments }: { attachments?: unknown[] }) => attachments?.length)).toHaveLength(
    1,
  );
});

test('where the channel does not exist, nothing is posted and the login is refused all the same', async () => {
  await server.admin.post(`settings/${BLOCK}Notify_Failed_Channel`, { value: 'nowhere' });
  for (let attempt = 0; attempt < 2; attempt++) await logInWrongly('eve');
  expect((await logInWrongly('eve')).body.error).toBe('error-login-blocked-for-user');
});
