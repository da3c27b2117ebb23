import type * as Nodemailer from 'nodemailer';
import type { Context } from '../context.ts';
import type { Mail } from './mail.ts';
import { type SmtpServer, senderAddress, smtpServer } from './smtp-server.ts';

/** A mail server that hangs must not hold up the others that wait for their turn. */
const TIMEOUTS = {
  connectionTimeout: 10_000,
  greetingTimeout: 10_000,
  socketTimeout: 30_000,
  dnsTimeout: 10_000,
};
export const MAILS_AT_ONCE = 5;

type Transport = ReturnType<typeof openTransport>;

/** The connections to the SMTP server of the settings, opened anew when these change. */
export class Mailer {
  readonly #ctx: Context;
  #transport: Transport | undefined;
  /** The settings that the transport was opened with, as text. */
  #openedWith = '';

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /** Waits until the server has taken the mail. Throws nodemailer's error. */
  async deliver(mail: Mail): Promise<void> {
    // Loaded with the first mail: most servers send none for a long time.
    const transport = this.#transportNow(await import('nodemailer'));
    if (!transport) throw new Error('no SMTP server is configured');
    const { unsubscribe, ...rest } = mail;
    const headers = unsubscribe === undefined ? {} : unsubscribeHeaders(unsubscribe);
    await transport.sendMail({ ...rest, from: rest.from ?? senderAddress(this.#ctx), headers });
  }

  close(): void {
    this.#transport?.close();
  }

  #transportNow(nodemailer: typeof Nodemailer): Transport | undefined {
    const server = smtpServer(this.#ctx);
    const settings = JSON.stringify(server ?? null);
    if (settings !== this.#openedWith) {
      this.#transport?.close();
      this.#transport = server && openTransport(nodemailer, server);
      this.#openedWith = settings;
    }
    return this.#transport;
  }
}

const unsubscribeHeaders = (address: string) => ({
  'List-Unsubscribe': `<${address}>`,
  'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
});

function openTransport({ createTransport }: typeof Nodemailer, { pool, ...server }: SmtpServer) {
  // Mails are text that people and settings wrote: nothing in them may make this server read files or addresses.
  const options = { ...server, ...TIMEOUTS, disableFileAccess: true, disableUrlAccess: true };
  return pool
    ? createTransport({ ...options, pool: true as const, maxConnections: MAILS_AT_ONCE })
    : createTransport(options);
}
