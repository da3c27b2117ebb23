import { isIP } from 'node:net';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * The address a request comes from (spec 00 §8). Behind `forwardedCount` trusted proxies it is the n-th entry from the
 * right of `X-Forwarded-For`. Else `X-Real-IP` counts only when the peer is this machine, that is a local proxy:
 * from anyone else it would be a way around every limit per address.
 */
export function clientIp(
  headers: Headers,
  socketAddress: string | undefined,
  forwardedCount: number,
): string {
  const peer = plainAddress(socketAddress ?? '');
  if (forwardedCount > 0) {
    const forwarded = headers['x-forwarded-for'];
    const entries = (Array.isArray(forwarded) ? forwarded.join(',') : (forwarded ?? '')).split(',');
    const entry = plainAddress(entries.at(-forwardedCount)?.trim() ?? '');
    if (isAddress(entry)) return entry;
  }
  if (forwardedCount > 0 || isLoopback(peer)) {
    const real = headers['x-real-ip'];
    const address = plainAddress(typeof real === 'string' ? real.trim() : '');
    if (isAddress(address)) return address;
  }
  return peer;
}

/** One key for an IPv4 address, and one for the /64 that a single IPv6 client can choose its address from. */
export function addressBlock(ip: string): string {
  if (isIP(ip) !== 6) return ip;
  const [head = '', tail] = ip.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const after = tail === '' ? 0 : tail.split(':').length;
    while (groups.length + after < 8) groups.push('0');
  }
  const block = groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ''));
  return block.join(':');
}

/** Nearly nobody sends a header of these, and the pattern for IPv6 takes Node 9 ms to compile: a start need not wait for it. */
const isAddress = (text: string): boolean => text !== '' && isIP(text) !== 0;

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

/** `::ffff:10.0.0.1`, how a dual-stack socket shows IPv4, becomes `10.0.0.1`. */
function plainAddress(address: string): string {
  return address.toLowerCase().startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}
