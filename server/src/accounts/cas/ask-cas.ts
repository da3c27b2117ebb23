import type { Context } from '../../context.ts';
import { fail } from '../../kernel/errors.ts';
import { childOf, childrenOf, readXml, type XmlElement, XmlError } from '../../kernel/read-xml.ts';
import { askPage } from '../login-services/ask-service.ts';
import { CAS, type CasService } from './cas-service.ts';

/** Somebody as the server tells of them. */
export interface CasPerson {
  user: string;
  /** The first value of each. */
  attributes: ReadonlyMap<string, string>;
}

const PAGES = { '1.0': '/validate', '2.0': '/serviceValidate', '3.0': '/p3/serviceValidate' } as const;
const NAMESPACE = 'http://www.yale.edu/tp/cas';
/** Of usernames and attributes. */
const MAX_TEXT = 1000;

/**
 * Asks the server whose ticket this is (CAS protocol 3.0, sections 2.4 and 2.5). It answers once for each, and only when the
 * ticket was made for `service`. Throws `error-login-service`, and `error-login-ticket` where the server does not know it.
 */
export async function askCas(
  ctx: Context,
  cas: CasService,
  { ticket, service }: { ticket: string; service: string },
): Promise<CasPerson> {
  const query = new URLSearchParams({ service, ticket });
  const answer = await askPage(ctx, CAS, `${cas.server}${PAGES[cas.version]}?${query}`, {
    request: {},
    read: cas.version === '1.0' ? readLines : readResponse,
    otherwise: `no answer of CAS ${cas.version}`,
  });
  return answer === 'unknown' ? fail('error-login-ticket', 'The login is not valid any more') : answer;
}

type Answer = CasPerson | 'unknown' | undefined;

/** `yes` or `no`, and the username in the second line. */
function readLines(text: string): Answer {
  const [verdict, user] = text.split(/\r?\n/);
  if (verdict === 'no') return 'unknown';
  return verdict === 'yes' ? personOf(user, new Map()) : undefined;
}

async function readResponse(text: string): Promise<Answer> {
  try {
    const root = await readXml(text, { comments: 'skipped' });
    if (root.name !== 'serviceResponse' || root.namespace !== NAMESPACE) return undefined;
    if (childOf(root, NAMESPACE, 'authenticationFailure')) return 'unknown';
    const success = childOf(root, NAMESPACE, 'authenticationSuccess');
    // Somebody else's program holds this ticket.
    if (childrenOf(success, NAMESPACE, 'proxies').length > 0) return 'unknown';
    return personOf(childOf(success, NAMESPACE, 'user')?.text, attributesOf(success));
  } catch (error) {
    if (error instanceof XmlError) return undefined;
    throw error;
  }
}

function attributesOf(success: XmlElement | undefined): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const { name, text } of childOf(success, NAMESPACE, 'attributes')?.children ?? []) {
    const value = text.trim();
    if (value !== '' && value.length <= MAX_TEXT && !attributes.has(name)) attributes.set(name, value);
  }
  return attributes;
}

function personOf(text: string | undefined, attributes: Map<string, string>): CasPerson | undefined {
  const user = text?.trim() ?? '';
  return user === '' || user.length > MAX_TEXT ? undefined : { user, attributes };
}
