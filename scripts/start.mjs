// `npm start -- <flags>` runs `gantry serve <flags>`, `npm run gantry -- <command>` any other command; both install and
// build what is missing first.
import { pathToFileURL } from 'node:url';
import { setup } from './setup.mjs';

await setup();
// Only now: building needs a package that may just have been installed.
const { build } = await import('./build.mjs');
const bundle = await build();

// The bundle runs in this process, so that signals, exit code and terminal are the server's own.
// Off by default: the map alone takes 20 MB of memory for as long as the server runs.
if (process.env.GANTRY_SOURCE_MAPS) process.setSourceMapsEnabled(true);
process.argv = [process.argv[0], bundle, ...process.argv.slice(2)];
await import(pathToFileURL(bundle).href);
