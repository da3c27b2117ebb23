import type { NameServers } from './name-servers.ts';

const unknown = () => Promise.reject(new Error('ENOTFOUND'));

/** For tests: no domain is known. */
export const noNames: NameServers = { resolveMx: unknown, resolveSrv: unknown, resolveTxt: unknown };
