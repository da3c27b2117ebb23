import type { Context } from '../../context.ts';
import { fail } from '../../kernel/errors.ts';
import { keepSignOn, siteOf } from '../login-services/sign-on.ts';
import { askCas, type CasPerson } from './ask-cas.ts';
import { CAS, type CasService, casService } from './cas-service.ts';

const MAX_TICKET = 1000;

/**
 * Somebody comes back from the page of the CAS server with a ticket: finds out who it is, and keeps that for the client that
 * is waiting (spec 20, "OAuth / SAML / CAS / LDAP surface"). Nobody is logged in by this. Throws
 * `error-login-service-unknown`, `error-login-state`, `error-login-cancelled`, and as `askCas`.
 */
export async function comeBackFromCas(
  ctx: Context,
  { token, ticket, ip }: { token: string; ticket: string | undefined; ip: string },
): Promise<void> {
  const cas = casService(ctx.settings);
  if (!cas) fail('error-login-service-unknown', 'There is no such login service');
  if (!ticket || ticket.length > MAX_TICKET) fail('error-login-cancelled', 'The login was cancelled');
  const person = await askCas(ctx, cas, { ticket, service: `${siteOf(ctx)}/_cas/${token}` });
  await ctx.write((tx) => keepSignOn(ctx, tx, { token, ip }, identityOf(cas, person)));
}

/** The server knows people by nothing but their username. */
function identityOf({ fields }: CasService, { user, attributes }: CasPerson) {
  const first = (...names: string[]) => names.map((name) => attributes.get(name)).find(Boolean);
  const mapped = (member: string) => fillIn(fields[member], attributes);
  return {
    service: CAS,
    id: user,
    username: mapped('username') ?? user,
    name: mapped('name') ?? first('displayName', 'name', 'cn'),
    email: mapped('email') ?? first('email', 'mail'),
  };
}

/** `%attribute%` in a template stands for its value; where one is missing, nothing is said. */
function fillIn(template: string | undefined, attributes: ReadonlyMap<string, string>): string | undefined {
  if (template === undefined) return undefined;
  let complete = true;
  const text = template.replace(/%([^%]+)%/g, (_, name: string) => {
    const value = attributes.get(name.trim());
    complete &&= value !== undefined;
    return value ?? '';
  });
  return complete && text.trim() !== '' ? text.trim() : undefined;
}
