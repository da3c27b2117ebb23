import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, onTestFinished, test, vi } from 'vitest';
import { runCommandLine } from '../../src/cli/run.ts';
import { PATIENCE } from '../support/patience.ts';
import { logIn, startServer } from '../support/server.ts';
import { emptyDatabase } from '../support/test-database.ts';

/** A workspace that outgrew the embedded database: everything is there afterwards, and goes on. */

async function copy(dataDir: string, databaseUrl: string) {
  const lines: string[] = [];
  const write = (text: string) => lines.push(text);
  const env = { GANTRY_DATABASE_URL: databaseUrl };
  const terminal = { env, cwd: dataDir, out: write, err: write, stdin: Readable.from([]) };
  const code = await runCommandLine(['copy-to-postgres', '--data', dataDir], terminal);
  return { code, text: lines.join('\n') };
}

test('a workspace is copied to PostgreSQL as it was, and goes on there', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'gantry-copy-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true }));
  const database = await emptyDatabase();
  onTestFinished(() => database.drop());
  const { databaseUrl } = database.options;

  const before = await startServer({ memory: false, dataDir });
  const anna = await before.person('anna', { joinDefaultChannels: true });
  const { room } = (await anna.post('im.create', { username: 'root' })).body;
  for (const msg of ['a zebra', 'a lion', 'Grüße 🦓'])
    await anna.post('chat.sendMessage', { message: { rid: room._id, msg } });
  const { message } = (await anna.post('chat.sendMessage', { message: { rid: 'GENERAL', msg: 'gone' } }))
    .body;
  await anna.post('chat.delete', { roomId: 'GENERAL', msgId: message._id });
  const whatAnnaSees = async (of: typeof anna) => ({
    me: (await of.get('me')).body,
    // The start of a server in test mode changes the members of the other one.
    room: (await of.get('rooms.info', { roomId: room._id })).body,
    subscription: (await of.get('subscriptions.getOne', { roomId: room._id })).body,
    history: (await of.get('im.history', { roomId: room._id })).body,
  });
  const seen = await whatAnnaSees(anna);
  expect(await copy(dataDir, databaseUrl)).toEqual({
    code: 1,
    text: expect.stringContaining('is in use by the process'),
  });
  await before.close();

  const copied = await copy(dataDir, databaseUrl);
  expect(copied).toEqual({
    code: 0,
    text: expect.stringMatching(/^Copied \d+ rows of \d+ tables to the database/),
  });
  expect(await copy(dataDir, databaseUrl)).toEqual({
    code: 1,
    text: expect.stringContaining('is not empty'),
  });

  const after = await startServer({ memory: false, dataDir, databaseUrl });
  try {
    // The old login goes on, too.
    const again = await logIn(after.url, 'anna', anna.password);
    const kept = await fetch(`${after.url}/api/v1/me`, {
      headers: { 'x-user-id': anna.uid, 'x-auth-token': anna.token },
    });
    expect(kept.status).toBe(200);
    const now = await whatAnnaSees(again);
    for (const part of ['room', 'subscription', 'history'] as const) expect(now[part]).toEqual(seen[part]);
    for (const member of ['username', 'name', 'emails', 'roles', 'settings'])
      expect(now.me[member]).toEqual(seen.me[member]);
    await vi.waitFor(async () => {
      const found = (await again.get('chat.search', { roomId: room._id, searchText: 'zebra' })).body.messages;
      expect(found.map(({ msg }: { msg: string }) => msg)).toEqual(['a zebra']);
    }, PATIENCE);
    const sent = await again.post('chat.sendMessage', { message: { rid: room._id, msg: 'and on' } });
    expect(sent.status).toBe(200);
    const numbers = await after.server.ctx.db.selectFrom('messages').select('seq').orderBy('seq').execute();
    // That of the deleted message is not given again.
    expect(new Set(numbers.map(({ seq }) => seq)).size).toBe(numbers.length);
    expect(numbers.at(-1)?.seq).toBeGreaterThan(4);
  } finally {
    await after.close();
  }
});
