import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Person, startServer, type TestServer } from '../../test/support/server.ts';
import { newId } from '../kernel/ids.ts';

/** Sending at the moment at which the rules change: the message is before the change, or it is refused. */

let server: TestServer;
let alice: Person;
let bob: Person;

beforeAll(async () => {
  server = await startServer();
  alice = await server.person('alice');
  bob = await server.person('bob');
});
afterAll(() => server.close());

async function roomWithBob(): Promise<string> {
  const { body } = await alice.post('groups.create', { name: `race-${newId()}`, members: ['bob'] });
  return body.group._id as string;
}

/** All that is in the room, oldest first: the type of a system message, the text of another. */
async function storyOf(rid: string): Promise<string[]> {
  const { body } = await alice.get('groups.history', { roomId: rid, count: '100' });
  return body.messages.map(({ t, msg }: { t?: string; msg: string }) => t ?? msg).reverse();
}

test.each([
  ['kicked', 'ru', (rid: string) => alice.post('groups.kick', { roomId: rid, userId: bob.uid })],
  ['shut out by archiving', 'room-archived', (rid: string) => alice.post('groups.archive', { roomId: rid })],
])('whoever is %s while sending has sent before it or not at all', async (_what, t, change) => {
  const rid = await roomWithBob();
  const send = (msg: string) => bob.post('chat.sendMessage', { message: { rid, msg } });
  const before = ['1', '2', '3'].map(send);
  const changed = change(rid);
  const after = ['4', '5', '6'].map(send);
  const answers = await Promise.all([...before, ...after]);
  expect((await changed).status).toBe(200);
  if (t === 'room-archived') await alice.post('groups.unarchive', { roomId: rid });

  const accepted = answers.filter(({ body }) => body.success).map(({ body }) => body.message.msg);
  const story = await storyOf(rid);
  const said = story.filter((entry) => /^[1-6]$/.test(entry));
  expect(said.toSorted()).toEqual(accepted.toSorted());
  const end = story.indexOf(t);
  expect(end).toBeGreaterThanOrEqual(0);
  for (const msg of said) expect(story.indexOf(msg)).toBeLessThan(end);
});
