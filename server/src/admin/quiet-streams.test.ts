import { afterAll, beforeAll, expect, test } from 'vitest';
import { DdpClient } from '../../test/support/ddp-client.ts';
import { startServer, type TestServer } from '../../test/support/server.ts';

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

test.each([
  ['stream-importers', 'progress'],
  ['stream-integrationHistory', 'some-webhook'],
])('%s is ready for those who administer it and refused to others', async (stream, event) => {
  const refused = { error: 'not-allowed' };
  const [stranger, member] = [await DdpClient.connect(server.url), await (await server.person(event)).ddp()];
  await expect(stranger.subscribe(stream, event)).rejects.toMatchObject(refused);
  await expect(member.subscribe(stream, event)).rejects.toMatchObject(refused);
  await expect((await server.admin.ddp()).subscribe(stream, event)).resolves.toEqual(expect.any(String));
  stranger.close();
});
