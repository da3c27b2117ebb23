import type { Scripts } from './scripts.ts';

const unused = () => Promise.reject(new Error('no scripts here'));

/** For tests of what runs no scripts. */
export const noScripts: Scripts = { check: unused, run: unused, close: async () => {} };
