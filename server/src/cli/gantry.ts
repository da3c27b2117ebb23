// The entry of the bundle, `dist/gantry.cjs`: runs the command line out of the chunks beside it. The sources' own is `main.ts`.
// Not an ES module, whose loader Node would have to start first.
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CompiledChunks } from './compiled-chunks.ts';
import type * as CommandLine from './run-process.ts';

const chunks = new CompiledChunks(dirname(fileURLToPath(import.meta.url)));
const { runProcess } = chunks.load('./command-line.cjs') as typeof CommandLine;
void runProcess(() => chunks.keep());
