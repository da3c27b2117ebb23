import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * Which addresses of the internet the server may ask on somebody's behalf. Everything that is not plainly public is
 * refused: the machine itself, private networks, link-local addresses (cloud metadata), carrier NAT, documentation,
 * multicast, and the IPv6 forms that carry an IPv4 address inside.
 */

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** Answered inside Azure only, although the address is a public one: it hands out secrets of the machine. */
const CLOUD_INTERNAL = new Set(['168.63.129.16']);

/** The only part of IPv6 that is in public use; the rest is local, reserved or unassigned. */
const GLOBAL_UNICAST: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];
/** NAT64, where networks without IPv4 reach IPv4 servers. What counts is the address inside. */
const NAT64: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('64:ff9b::'), 96];

/** False for whatever is no address at all. */
export function isPublicAddress(text: string): boolean {
  // Stricter than the parser, which also reads `1.2.3`.
  if (isIP(text) === 0) return false;
  const address = ipaddr.parse(text);
  return address instanceof ipaddr.IPv4 ? isPublicV4(address) : isPublicV6(address as ipaddr.IPv6);
}

const isPublicV4 = (address: ipaddr.IPv4): boolean =>
  address.range() === 'unicast' && !CLOUD_INTERNAL.has(address.toString());

function isPublicV6(address: ipaddr.IPv6): boolean {
  if (address.isIPv4MappedAddress()) return isPublicV4(address.toIPv4Address());
  if (address.match(NAT64)) return isPublicV4(new ipaddr.IPv4(address.toByteArray().slice(12)));
  // 6to4, Teredo and the like have names of their own inside the global range.
  return address.range() === 'unicast' && address.match(GLOBAL_UNICAST);
}

/** Hosts by name (`*` stands for one label or a part of it), addresses, and networks such as `10.0.0.0/8`. */
export interface HostList {
  /** By name only. */
  hasHost(hostname: string): boolean;
  hasAddress(address: string): boolean;
}

/** For what an operator allows although it is private, or forbids although it is public. */
export function hostList(entries: readonly string[]): HostList {
  const names = new Set<string>();
  const patterns: RegExp[] = [];
  const networks: [Address, number][] = [];
  for (const entry of entries) {
    const network = networkOf(entry);
    if (network) networks.push(network);
    else if (entry.includes('*')) patterns.push(patternOf(entry));
    else names.add(entry.toLowerCase());
  }
  return {
    hasHost(hostname) {
      const name = hostname.toLowerCase().replace(/\.$/, '');
      return names.has(name) || patterns.some((pattern) => pattern.test(name));
    },
    hasAddress(text) {
      if (isIP(text) === 0) return false;
      const address = ipaddr.process(text);
      return networks.some(([base, bits]) => base.kind() === address.kind() && address.match(base, bits));
    },
  };
}

/** `[^.]*` never runs over a dot, so no pattern backtracks far. */
const patternOf = (entry: string): RegExp =>
  new RegExp(
    `^${entry
      .split('*')
      .map((part) => part.replace(/[^\w]/g, '\\$&'))
      .join('[^.]*')}$`,
    'i',
  );

function networkOf(entry: string): [Address, number] | undefined {
  if (ipaddr.isValidCIDR(entry)) return ipaddr.parseCIDR(entry);
  if (!ipaddr.isValid(entry)) return undefined;
  const address = ipaddr.process(entry);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}
