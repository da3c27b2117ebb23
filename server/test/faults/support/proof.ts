import { expect } from 'vitest';
import { checkInvariants } from '../../support/check-invariants.ts';
import { logIn, type TestServer } from '../../support/server.ts';

/** A server that survived: it takes logins, stores and tells messages, and nothing in it contradicts itself. */
export async function expectStillServing(server: TestServer): Promise<void> {
  const root = await logIn(server.url, 'root', 'root-password');
  const socket = await root.ddp();
  try {
    await socket.subscribe('stream-room-messages', 'GENERAL');
    const { status, body } = await root.post('chat.sendMessage', {
      message: { rid: 'GENERAL', msg: 'still here' },
    });
    expect(status, JSON.stringify(body)).toBe(200);
    const isOurs = ([message]: { _id?: string }[]) => message?._id === body.message._id;
    const [told] = await socket.event('room-messages', 'GENERAL', isOurs);
    expect(told?.msg).toBe('still here');
  } finally {
    socket.close();
  }
  await checkInvariants(server);
}
