import { loadLate } from '../../kernel/packages/load-late.ts';

/** The table of public suffixes takes 15 ms. */
const known = loadLate<typeof import('tldts')>('tldts');

/** Longer hosts exist nowhere, and looking at them would cost what a sender likes. */
const MAX_HOST = 255;

/**
 * Whether an address without or with scheme leads somewhere: to an IP address, `localhost`, a host below a public suffix, or into a
 * domain of the workspace's own (`Message_CustomDomain_AutoLink`).
 */
export function isKnownHost(address: string, customDomains: readonly string[]): boolean {
  const { isIp, isIcann, isPrivate, domain, publicSuffix, hostname } = known().parse(hostPart(address), {
    detectIp: true,
    allowPrivateDomains: true,
    validateHostname: true,
  });
  if (hostname === null || address.startsWith('.') || address.includes('://.')) return false;
  if (isIp || isIcann || isPrivate || publicSuffix === 'localhost') return true;
  return customDomains.length > 0 && customDomains.some((own) => own === domain || own === publicSuffix);
}

/** Mail is not sent to hosts that have no public suffix. */
export function isKnownMailHost(host: string): boolean {
  const { isIp, isIcann, isPrivate } = known().parse(host.slice(0, MAX_HOST + 1), {
    detectIp: true,
    allowPrivateDomains: true,
  });
  return isIp !== true && (isIcann === true || isPrivate === true);
}

/** The beginning of an address that decides: what follows the first slash behind the host does not matter. */
function hostPart(address: string): string {
  const scheme = address.indexOf('://');
  const from = scheme === -1 ? 0 : scheme + 3;
  const slash = address.indexOf('/', from);
  const end = slash === -1 ? address.length : slash;
  return address.slice(0, Math.min(end, from + MAX_HOST * 2));
}
