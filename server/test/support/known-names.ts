import type { NameServers } from '../../src/outbound/name-servers.ts';

function known<T>(query: string, name: string, records: T): Promise<T> {
  if (name === 'records.example') return Promise.resolve(records);
  return Promise.reject(Object.assign(new Error(`${query} ENOTFOUND ${name}`), { code: 'ENOTFOUND' }));
}

/** A domain name system of `records.example` and nothing else. */
export const knownNames: NameServers = {
  resolveMx: (name) => known('queryMx', name, []),
  resolveSrv: (name) =>
    known('querySrv', name, [{ name: 'chat.example', port: 3000, priority: 10, weight: 5 }]),
  resolveTxt: (name) => known('queryTxt', name, [['in two ', 'pieces'], ['v=1']]),
};
