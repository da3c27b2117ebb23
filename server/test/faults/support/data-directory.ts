import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A directory for the data of a server; it vanishes with the test. */
export function dataDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'gantry-faults-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
