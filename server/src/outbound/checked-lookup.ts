import { lookup as systemLookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { Turnstile } from '../kernel/turnstile.ts';
import { type HostList, isPublicAddress } from './addresses.ts';
import { OutboundError } from './outbound-error.ts';

export interface ResolvedAddress {
  address: string;
  family: number;
}

/** Finds the addresses of a host. Tests give their own, for instance one that changes its mind. */
export type Resolve = (hostname: string) => Promise<readonly ResolvedAddress[]>;

/**
 * The system's resolver occupies one of the few threads that files and password checks need too, for seconds when a name
 * server is slow. The threads belong to the process, so all servers in it share this limit.
 */
const resolving = new Turnstile(2);

export const systemResolve: Resolve = (hostname) =>
  resolving.run(() => systemLookup(hostname, { all: true, verbatim: true }));

/** What is refused and let through besides the rule that addresses must be public. */
export interface AddressRules {
  /** Wins over the rule. */
  allowed: HostList;
  /** Wins over everything. */
  blocked: HostList | undefined;
}

/**
 * A `lookup` for connections that gives out acceptable addresses only. The connection goes to the very addresses that were
 * checked here: a name that resolves to something else a moment later (DNS rebinding) gains nothing. One private address
 * among public ones is a trick, too, and refuses the name.
 */
export function checkedLookup(rules: AddressRules, resolve: Resolve): LookupFunction {
  return (hostname, options, callback) => {
    checkedAddresses(hostname, rules, resolve).then(
      (addresses) => {
        const [first] = addresses;
        if (options.all) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 0),
    );
  };
}

async function checkedAddresses(
  hostname: string,
  rules: AddressRules,
  resolve: Resolve,
): Promise<readonly [ResolvedAddress, ...ResolvedAddress[]]> {
  const [first, ...others] = await resolve(hostname);
  if (!first) throw new OutboundError('network', `${hostname} has no address`);
  const addresses = [first, ...others] as const;
  if (addresses.every(({ address }) => isAcceptable(hostname, address, rules))) return addresses;
  throw blockedHost(hostname);
}

function isAcceptable(hostname: string, address: string, { allowed, blocked }: AddressRules): boolean {
  if (blocked?.hasAddress(address)) return false;
  return isPublicAddress(address) || allowed.hasHost(hostname) || allowed.hasAddress(address);
}

/** A host that is an address itself never reaches a lookup. @throws OutboundError */
export function refuseBlockedHost(hostname: string, rules: AddressRules): void {
  if (rules.blocked?.hasHost(hostname)) throw blockedHost(hostname);
  if (isIP(hostname) !== 0 && !isAcceptable(hostname, hostname, rules)) throw blockedHost(hostname);
}

const blockedHost = (hostname: string): OutboundError =>
  new OutboundError('blocked-address', `${hostname} may not be asked`);
