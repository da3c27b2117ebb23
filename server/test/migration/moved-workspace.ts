import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { createServer, type GantryServer } from '../../src/app.ts';
import { runCommandLine } from '../../src/cli/run.ts';
import { testConfig } from '../../src/config/defaults.ts';
import { type Collections, writeDumpFolder } from '../support/mongo-dump.ts';

export interface Moved {
  server: GantryServer;
  url: string;
  /** Holds `dump` and `data`. */
  folder: string;
  lines: string[];
}

/** Imports these documents and starts a server on what came of them, for the time of the test. `place` may put files there, and gives further arguments. */
export async function moveHere(
  collections: Collections,
  { place = () => [] }: { place?: (folder: string) => string[] } = {},
): Promise<Moved> {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-moved-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const args = place(folder);
  writeDumpFolder(join(folder, 'dump'), collections);
  const lines: string[] = [];
  const write = (text: string) => lines.push(text);
  const terminal = { env: {}, cwd: folder, out: write, err: write, stdin: Readable.from([]) };
  const data = ['--data', join(folder, 'data')];
  const code = await runCommandLine(['import-rocketchat', join(folder, 'dump'), ...data, ...args], terminal);
  if (code !== 0) throw new Error(`nothing was imported: ${lines.join('\n')}`);
  const server = await createServer(
    testConfig({ memory: false, dataDir: join(folder, 'data'), testMode: false }),
  );
  onTestFinished(() => server.close());
  return { server, url: `http://127.0.0.1:${(await server.listen()).port}`, folder, lines };
}
