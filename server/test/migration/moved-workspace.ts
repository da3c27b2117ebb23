import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { onTestFinished } from 'vitest';
import { createServer, type GantryServer } from '../../src/app.ts';
import { runCommandLine } from '../../src/cli/run.ts';
import { testConfig } from '../../src/config/defaults.ts';
import { type Collections, writeDumpFolder } from '../support/mongo-dump.ts';

/** A folder for the time of the test. */
export function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-import-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs a command line in the folder; `lines` is all that it said. */
export async function gantry(folder: string, args: string[], env: Record<string, string> = {}) {
  const lines: string[] = [];
  const write = (text: string) => lines.push(text);
  const terminal = { env, cwd: folder, out: write, err: write, stdin: Readable.from([]) };
  return { code: await runCommandLine(args, terminal), lines };
}

const dataOf = (folder: string): string => join(folder, 'data');

/** Imports a dump into `data` of the folder. */
export const importInto = (folder: string, dump: string, ...more: string[]) =>
  gantry(folder, ['import-rocketchat', dump, '--data', dataOf(folder), ...more]);

export const checkIn = (folder: string) => gantry(folder, ['check', '--data', dataOf(folder)]);

/** A server on what was imported into the folder. */
export async function serverOn(folder: string): Promise<{ server: GantryServer; url: string }> {
  const server = await createServer(testConfig({ memory: false, dataDir: dataOf(folder), testMode: false }));
  return { server, url: `http://127.0.0.1:${(await server.listen()).port}` };
}

/** How many files have bytes in the folder. */
export const countBlobs = (folder: string): number =>
  readdirSync(join(dataOf(folder), 'files'), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  ).length;

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
  const folder = temporary();
  const args = place(folder);
  writeDumpFolder(join(folder, 'dump'), collections);
  const { code, lines } = await importInto(folder, join(folder, 'dump'), ...args);
  if (code !== 0) throw new Error(`nothing was imported: ${lines.join('\n')}`);
  const { server, url } = await serverOn(folder);
  onTestFinished(() => server.close());
  return { server, url, folder, lines };
}
