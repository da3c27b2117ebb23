import type { Context } from '../context.ts';
import { commaList } from '../kernel/comma-list.ts';
import { fail } from '../kernel/errors.ts';
import type { Settings } from '../kernel/settings.ts';
import { DISPOSABLE_DOMAINS } from './disposable-domains.ts';

const MAX_ADDRESS = 320;

/** Local part, `@`, and a domain; what a mail server would make of it is not our business. */
export function isEmailShaped(address: string): boolean {
  return address.length <= MAX_ADDRESS && /^[^\s@<>"(),:;\\[\]]+@[^\s@<>"(),:;\\[\]]+$/.test(address);
}

/**
 * The rules for domains of addresses (spec 20, registration step 9). Throws `error-invalid-email`,
 * `error-invalid-domain`, `error-email-domain-blacklisted`.
 */
export async function refuseUnwelcomeDomain(ctx: Context, address: string): Promise<void> {
  const { settings } = ctx;
  if (!isEmailShaped(address)) fail('error-invalid-email', 'Invalid email');
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  const allowed = domains(settings, 'Accounts_AllowedDomainsList');
  if (allowed.length > 0 && !allowed.includes(domain)) {
    fail('error-invalid-domain', 'The email domain is not in whitelist');
  }
  const blocked = domains(settings, 'Accounts_BlockedDomainsList');
  const blocksMore = blocked.length > 0 && settings.bool('Accounts_UseDefaultBlockedDomainsList');
  if (blocked.includes(domain) || (blocksMore && DISPOSABLE_DOMAINS.has(domain))) {
    fail('error-email-domain-blacklisted', 'The email domain is blacklisted');
  }
  if (settings.bool('Accounts_UseDNSDomainCheck') && !(await hasMailServer(ctx, domain))) {
    fail('error-invalid-domain', 'Invalid domain');
  }
}

const domains = (settings: Settings, id: string): string[] =>
  commaList(settings.text(id)).map((domain) => domain.toLowerCase());

async function hasMailServer({ names }: Context, domain: string): Promise<boolean> {
  try {
    // The one record without a host says that the domain takes no mail (RFC 7505).
    return (await names.resolveMx(domain)).some(({ exchange }) => exchange !== '' && exchange !== '.');
  } catch {
    return false;
  }
}
