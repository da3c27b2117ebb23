import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A CAS server of a few lines on this machine, which lets in whomever a test says, without asking. */
export interface CasServer {
  url: string;
  person: { user: string; attributes?: Record<string, string | string[]> };
  /** Said instead of the truth, where there is something. */
  answer: { status?: number; body: string } | undefined;
  /** Paths that it was asked for, with their query. */
  asked: string[];
  /** What the login page does for a client: the address that the browser is sent back to. */
  visit(service: string): string;
  close(): Promise<void>;
}

export async function startCasServer(): Promise<CasServer> {
  const tickets = new Map<string, { service: string; person: CasServer['person'] }>();
  const server: CasServer = {
    url: '',
    person: { user: 'nobody' },
    answer: undefined,
    asked: [],
    visit(service) {
      const ticket = `ST-${tickets.size + 1}-${Math.trunc(performance.now() * 1000)}`;
      tickets.set(ticket, { service, person: server.person });
      const back = new URL(service);
      back.searchParams.set('ticket', ticket);
      return back.href;
    },
    close: () =>
      new Promise((resolve) => {
        http.closeAllConnections();
        http.close(() => resolve());
      }),
  };
  const http = createServer(({ url = '' }, response) => {
    server.asked.push(url);
    const { pathname, searchParams } = new URL(url, 'http://cas');
    const ticket = searchParams.get('ticket') ?? '';
    const made = tickets.get(ticket);
    tickets.delete(ticket);
    const person = made?.service === searchParams.get('service') ? made?.person : undefined;
    const { status = 200, body } = server.answer ?? { body: answerOf(pathname, person) };
    response.writeHead(body === '' ? 404 : status, { location: 'http://127.0.0.1:1/' }).end(body);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  server.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/cas`;
  return server;
}

function answerOf(pathname: string, person: CasServer['person'] | undefined): string {
  if (pathname === '/cas/validate') return person ? `yes\n${person.user}\n` : 'no\n\n';
  if (pathname !== '/cas/serviceValidate' && pathname !== '/cas/p3/serviceValidate') return '';
  return response(
    person
      ? `<cas:authenticationSuccess><cas:user>${escapeText(person.user)}</cas:user>${attributes(person)}</cas:authenticationSuccess>`
      : '<cas:authenticationFailure code="INVALID_TICKET">Ticket not recognized</cas:authenticationFailure>',
  );
}

/** What every answer of version 2 and 3 is wrapped in. */
export const response = (inside: string): string =>
  `<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas">\n  ${inside}\n</cas:serviceResponse>`;

function attributes({ attributes = {} }: CasServer['person']): string {
  const each = Object.entries(attributes).flatMap(([name, value]) =>
    [value].flat().map((text) => `<cas:${name}>${escapeText(text)}</cas:${name}>`),
  );
  return `<cas:attributes>${each.join('')}</cas:attributes>`;
}

const escapeText = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
