import { Resolver } from 'node:dns/promises';

/** What the domain name system says of a domain. Tests give their own, so that nothing reaches the network. */
export type NameServers = Pick<Resolver, 'resolveMx' | 'resolveSrv' | 'resolveTxt'>;

/** Somebody waits for the answer, and whoever is asked may be slow on purpose. */
const PATIENCE = { timeout: 2000, tries: 2 };

/** Those that the machine is set up with. */
export const systemNameServers = (): NameServers => new Resolver(PATIENCE);
