import { expect, test, vi } from 'vitest';
import { twoNodes } from '../support/cluster.ts';
import { PATIENCE } from '../support/patience.ts';
import { logIn } from '../support/server.ts';

test('what one node commits is known and told on the others', async () => {
  const { one, two } = await twoNodes();
  const anna = await one.person('anna', { joinDefaultChannels: true });
  const annaOnTwo = await logIn(two.url, 'anna', anna.password);
  const socket = await annaOnTwo.ddp();
  await socket.subscribe('stream-room-messages', 'GENERAL', false);
  for (const msg of ['first', 'second', 'third'])
    expect((await anna.post('chat.sendMessage', { message: { rid: 'GENERAL', msg } })).status).toBe(200);
  await vi.waitFor(
    () =>
      expect(socket.events('room-messages', 'GENERAL').map(([message]) => message?.msg)).toEqual([
        'first',
        'second',
        'third',
      ]),
    PATIENCE,
  );
});
