import { expect, test } from 'vitest';
import { startServer } from '../support/server.ts';

test('saveUserPreferences saves all or nothing, and does not mind what is no preference', async () => {
  const server = await startServer();
  const alice = await server.person('alice');
  const socket = await alice.ddp();
  const saved = async () => (await alice.get('users.getPreferences')).body.preferences;
  const prefs = { hideRoles: true, language: null, roomsListExhibitionMode: 'category' };
  expect(await socket.call('saveUserPreferences', prefs)).toBe(true);
  expect(await saved()).toEqual({ hideRoles: true });
  await expect(
    socket.call('saveUserPreferences', { hideRoles: false, idleTimeLimit: '300' }),
  ).rejects.toMatchObject({ error: 400, reason: 'Match failed' });
  expect(await saved()).toEqual({ hideRoles: true });
  await server.close();
});
