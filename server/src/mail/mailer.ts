import { createTransport } from 'nodemailer';
import type { Context } from '../context.ts';
import { Turnstile } from '../kernel/turnstile.ts';
import type { Mail } from './mail.ts';
import './mail.events.ts';
import { type SmtpServer, senderAddress, smtpServer } from './smtp-server.ts';

/** A mail server that hangs must cost neither memory nor a shutdown. */
const TIMEOUTS = {
  connectionTimeout: 10_000,
  greetingTimeout: 10_000,
  socketTimeout: 30_000,
  dnsTimeout: 10_000,
};
const AT_ONCE = 5;
const MAX_WAITING = 1000;

type Transport = ReturnType<typeof openTransport>;

/**
 * Hands mails to the SMTP server of the settings, a few at a time and never while somebody's call waits. A mail that the
 * server does not take is lost and leaves a line in the log, which names neither the receiver nor the text.
 */
export class Mailer {
  readonly #ctx: Context;
  readonly #turnstile = new Turnstile(AT_ONCE);
  readonly #underWay = new Set<Promise<void>>();
  #transport: Transport | undefined;
  /** The settings that the transport was opened with, as text. */
  #openedWith = '';

  constructor(ctx: Context) {
    this.#ctx = ctx;
    ctx.events.on('mail.queued', (mail) => this.#queue(mail));
  }

  /** Waits until the server has taken the mail. Throws nodemailer's error. */
  async deliver(mail: Mail): Promise<void> {
    const transport = this.#transportNow();
    if (!transport) throw new Error('no SMTP server is configured');
    await transport.sendMail({ from: senderAddress(this.#ctx), ...mail });
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /** Gives what is under way at most `ms` and closes the connections. */
  async close(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([this.settled(), patience]);
    clearTimeout(timer);
    this.#transport?.close();
  }

  #queue(mail: Mail): void {
    if (this.#underWay.size >= MAX_WAITING) {
      this.#ctx.log.error('a mail was dropped: too many wait for the SMTP server');
      return;
    }
    const sent = this.#turnstile
      .run(() => this.deliver(mail))
      .catch((error: unknown) => this.#ctx.log.error(describe(error), 'a mail was not sent'))
      .finally(() => this.#underWay.delete(sent));
    this.#underWay.add(sent);
  }

  #transportNow(): Transport | undefined {
    const server = smtpServer(this.#ctx);
    const settings = JSON.stringify(server ?? null);
    if (settings !== this.#openedWith) {
      this.#transport?.close();
      this.#transport = server && openTransport(server);
      this.#openedWith = settings;
    }
    return this.#transport;
  }
}

function openTransport({ pool, ...server }: SmtpServer) {
  // Mails are text that people and settings wrote: nothing in them may make this server read files or addresses.
  const options = { ...server, ...TIMEOUTS, disableFileAccess: true, disableUrlAccess: true };
  return pool
    ? createTransport({ ...options, pool: true as const, maxConnections: AT_ONCE })
    : createTransport(options);
}

/** nodemailer's messages quote addresses and what was sent for the login. */
function describe(error: unknown): { code: unknown; command: unknown; responseCode: unknown } {
  const { code, command, responseCode } = (error ?? {}) as Record<string, unknown>;
  return { code, command, responseCode };
}
