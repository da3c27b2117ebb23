import { describe, expect, test, vi } from 'vitest';
import { twoNodes } from '../support/cluster.ts';
import type { DdpClient } from '../support/ddp-client.ts';
import { PATIENCE } from '../support/patience.ts';
import { logIn, type Person, type TestServer } from '../support/server.ts';

/** Whatever becomes of the line between the nodes: what one of them stores is told on every other, once and in order. */

const textsIn = (client: DdpClient): string[] =>
  client.events('room-messages', 'GENERAL').map(([message]) => message?.msg);

/** As one who reads the general room over a connection to this node. */
async function reads(node: TestServer, { username, password }: Person): Promise<DdpClient> {
  const client = await (await logIn(node.url, username, password)).ddp();
  await client.subscribe('stream-room-messages', 'GENERAL', false);
  return client;
}

async function says(person: Person, msg: string): Promise<void> {
  const { status } = await person.post('chat.sendMessage', { message: { rid: 'GENERAL', msg } });
  expect(status).toBe(200);
}

const numbered = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix} ${index}`);

async function annaOnTwoNodes() {
  const { cluster, one, two } = await twoNodes();
  const anna = await one.person('anna', { joinDefaultChannels: true });
  const annaOnTwo = await logIn(two.url, 'anna', anna.password);
  return { cluster, one, two, anna, annaOnTwo };
}

describe('while NATS is away', () => {
  test('messages reach the other node all the same, and afterwards no message is missing or there twice', async () => {
    const { cluster, one, two, anna, annaOnTwo } = await annaOnTwoNodes();
    const readers = [await reads(one, anna), await reads(two, anna)];
    const everywhere = (expected: readonly string[]) =>
      vi.waitFor(() => {
        for (const reader of readers) expect(textsIn(reader)).toEqual(expected);
      }, PATIENCE);
    const said: string[] = [];
    const say = async (prefix: string) => {
      for (const [index, msg] of numbered(prefix, 20).entries()) {
        said.push(msg);
        await says(index % 3 === 0 ? annaOnTwo : anna, msg);
      }
    };
    await say('with');
    await everywhere(said);
    await cluster.nats.stop();
    await say('without');
    await everywhere(said);
    await cluster.nats.start();
    await say('again with');
    await everywhere(said);
    // Those that were sent while NATS came back may have come both ways.
    await says(anna, 'the last');
    await everywhere([...said, 'the last']);
  });

  test('requests are answered that wait for commits of the other node', async () => {
    const { cluster, anna, annaOnTwo } = await annaOnTwoNodes();
    await cluster.nats.stop();
    const wave = numbered('at once', 30);
    await Promise.all(wave.map((msg, index) => says(index % 2 ? anna : annaOnTwo, msg)));
    const { body } = await annaOnTwo.get('channels.messages', { roomId: 'GENERAL', count: 100 });
    const texts: string[] = body.messages.map(({ msg }: { msg: string }) => msg);
    expect(texts.filter((msg) => msg.startsWith('at once')).sort()).toEqual([...wave].sort());
  });
});

test('a message that NATS does not take reaches the other node in its place', async () => {
  const { one, two, anna, annaOnTwo } = await annaOnTwoNodes();
  expect((await one.admin.post('settings/Message_MaxAllowedSize', { value: 1_000_000 })).body.success).toBe(
    true,
  );
  const reader = await reads(two, anna);
  const large = 'x'.repeat(940_000);
  await says(anna, 'before');
  await says(anna, large);
  await says(annaOnTwo, 'after');
  await vi.waitFor(
    () => expect(textsIn(reader).map((msg) => msg.length)).toEqual([6, large.length, 5]),
    PATIENCE,
  );
});

test('a node that joins while others write hears of everything afterwards, once', async () => {
  const { cluster, one, two, anna, annaOnTwo } = await annaOnTwoNodes();
  let isOver = false;
  const said: string[] = [];
  const writing = Promise.all(
    [anna, annaOnTwo].map(async (writer, number) => {
      for (let index = 0; !isOver; index++) {
        await says(writer, `${number}: ${index}`);
        said.push(`${number}: ${index}`);
      }
    }),
  );
  const third = await cluster.join();
  const reader = await reads(third, anna);
  const since = said.length;
  await vi.waitFor(() => expect(said.length).toBeGreaterThan(since + 50), PATIENCE);
  isOver = true;
  await writing;
  await says(anna, 'the last');
  const { body } = await one.admin.get('channels.messages', { roomId: 'GENERAL', count: 0 });
  const stored: string[] = body.messages.map(({ msg }: { msg: string }) => msg).reverse();
  await vi.waitFor(() => expect(textsIn(reader).at(-1)).toBe('the last'), PATIENCE);
  const heard = textsIn(reader);
  expect(heard).toEqual(stored.slice(-heard.length));
  expect(heard.length).toBeGreaterThan(50);
  // Nodes that were there before are not disturbed by it.
  await says(annaOnTwo, 'really the last');
  const reads2 = await reads(two, anna);
  await says(anna, 'one more');
  await vi.waitFor(() => expect(textsIn(reads2)).toEqual(['one more']), PATIENCE);
});
