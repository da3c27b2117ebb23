import { expect, test } from 'vitest';
import { moveHere } from './moved-workspace.ts';
import { SMALL_WORKSPACE } from './small-workspace.ts';

test('of several OAuth programs with one client id the first is taken over, and the import goes on', async () => {
  const program = (id: string, clientId: string) => ({
    _id: id,
    name: id,
    active: true,
    clientId,
    clientSecret: 'x',
  });
  const { lines } = await moveHere({
    users: SMALL_WORKSPACE.users ?? [],
    rocketchat_oauth_apps: [program('one', 'wiki'), program('two', 'wiki'), program('three', 'board')],
  });
  expect(lines).toContain('rocketchat_oauth_apps: 2 taken over; left: 1 whose client id another one has');
});
