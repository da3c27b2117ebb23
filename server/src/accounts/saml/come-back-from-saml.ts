import type { Context } from '../../context.ts';
import { commaList } from '../../kernel/comma-list.ts';
import { fail } from '../../kernel/errors.ts';
import type { XmlElement } from '../../kernel/read-xml.ts';
import type { ExternalIdentity } from '../login-services/external-identity.ts';
import type { ServiceSession } from '../login-services/service-session.ts';
import { keepSignOn } from '../login-services/sign-on.ts';
import { samlServiceNamed } from './begin-saml.ts';
import { decryptAssertion } from './encrypted-assertion.ts';
import { verifiedAssertion } from './provider.ts';
import { readAnswer, readAssertion, refuseSuspicious, type Subject } from './read-answer.ts';
import { samlId } from './saml-id.ts';
import { checkRequest, type SamlRequest, spendRequest } from './saml-requests.ts';
import { SAML, type SamlService } from './saml-service.ts';

/** Assertions are some kilobytes. */
const MAX_TEXT = 1000;
const MAX_ROLES = 100;

const EMAIL = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';

/**
 * Somebody brings the answer of the identity provider: finds out who it is, and keeps that for the client that is waiting (spec
 * 20, "OAuth / SAML / CAS / LDAP surface"). Nobody is logged in by this. Throws `error-login-service-unknown`,
 * `error-login-state`, `error-login-cancelled`, `error-login-answer`.
 */
export async function comeBackFromSaml(
  ctx: Context,
  {
    provider,
    token,
    answer,
    ip,
  }: { provider: string; token: string; answer: string | undefined; ip: string },
): Promise<void> {
  const service = samlServiceNamed(ctx, provider);
  const { request, encrypted } = await requestAnswered(ctx, service, token, answer ?? '');
  const subject = await subjectOf(ctx, service, request, { answer: answer ?? '', encrypted });
  const identity = identityOf(service, subject);
  if (!identity) return refuse(ctx, 'it does not say who this is');
  await ctx.write(async (tx) => {
    await spendRequest(tx, request);
    await keepSignOn(ctx, tx, { token, ip }, identity);
  });
}

async function requestAnswered(
  ctx: Context,
  service: SamlService,
  token: string,
  answer: string,
): Promise<{ request: SamlRequest; encrypted: XmlElement | undefined }> {
  const said = await readAnswer(answer, service).catch((error: Error) => refuse(ctx, error.message));
  const request = { id: said.inResponseTo, token };
  await checkRequest(ctx, request);
  if (said.refused) {
    ctx.log.warn({ service: SAML, status: said.status }, 'the identity provider let somebody not in');
    fail('error-login-cancelled', 'The login service did not accept the login');
  }
  return { request, encrypted: said.encrypted };
}

async function subjectOf(
  ctx: Context,
  service: SamlService,
  { id }: SamlRequest,
  { answer, encrypted }: { answer: string; encrypted: XmlElement | undefined },
): Promise<Subject> {
  const { callback, clockDriftMs: driftMs } = service;
  try {
    const assertion = await verifiedAssertion(service, id, answer);
    // Only what was verified is decrypted once more: how it is refused tells nothing of what others may have made.
    if (encrypted) refuseSuspicious(await decryptAssertion(encrypted, service));
    return await readAssertion(assertion, { id, callback, now: ctx.clock.now(), driftMs });
  } catch (error) {
    return refuse(ctx, (error as Error).message);
  }
}

/** The operator learns what is wrong with an answer; whoever brings it does not. */
function refuse({ log }: Context, problem: string): never {
  log.warn({ service: SAML, problem }, 'an answer of the identity provider was refused');
  return fail('error-login-answer', 'The answer of the login service was refused');
}

function identityOf(service: SamlService, subject: Subject) {
  const { nameId, attributes } = subject;
  const { fields, identifiedBy, lowercaseUsername } = service;
  const text = (name: string) => attributes.get(name)?.find(({ length }) => length <= MAX_TEXT);
  const given = text(fields.username);
  const username = lowercaseUsername ? given?.toLowerCase() : given;
  const email = text(fields.email) ?? (nameId.format === EMAIL ? nameId.text : undefined);
  const id = samlId(nameId, identifiedBy, identifiedBy === 'email' ? email : username);
  if (id === undefined || id.length > MAX_TEXT) return undefined;
  const session = sessionOf(subject);
  return {
    ...{ service: SAML, id, username, name: text(fields.name), email, session },
    roles: rolesOf(service, attributes),
  };
}

/** Undefined where the provider does not say which roles somebody has. */
function rolesOf(
  { roleAttribute }: SamlService,
  attributes: Subject['attributes'],
): ExternalIdentity['roles'] {
  const values = roleAttribute === undefined ? undefined : attributes.get(roleAttribute);
  const give = values?.flatMap(commaList).slice(0, MAX_ROLES);
  return give && { give, take: 'all' };
}

/** Undefined where the provider could not name it when it wants to end it. */
function sessionOf({ issuer, nameId, sessionIndex }: Subject): ServiceSession | undefined {
  const parts = [issuer, ...Object.values(nameId), sessionIndex ?? ''];
  if (nameId.text === '' || parts.some(({ length }) => length > MAX_TEXT)) return undefined;
  const { format, ...name } = nameId;
  return {
    service: SAML,
    issuer,
    name: { ...name, ...(format === '' ? {} : { format }) },
    ...(sessionIndex === undefined ? {} : { index: sessionIndex }),
  };
}
