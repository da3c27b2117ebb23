import { fileURLToPath } from 'node:url';

/** The built command line (`npm start` runs it); made anew before the tests (`scripts/before-tests.mjs`). */
export const GANTRY = fileURLToPath(new URL('../../../dist/gantry.cjs', import.meta.url));
