// The entry of the bundle, `dist/gantry.mjs`: runs the command line out of the chunks beside it. The sources' own is `main.ts`.
import { CompiledChunks } from './compiled-chunks.ts';
import type * as CommandLine from './run-process.ts';

const chunks = new CompiledChunks(import.meta.dirname);
const { runProcess } = chunks.load('./command-line.cjs') as typeof CommandLine;
await runProcess(() => chunks.keep());
