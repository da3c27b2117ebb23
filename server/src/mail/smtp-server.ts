import type { Context } from '../context.ts';

/** The server that takes our mails, as nodemailer's options name it. */
export interface SmtpServer {
  host: string;
  port: number;
  /** TLS from the first byte (`smtps`). */
  secure: boolean;
  /** No STARTTLS even when it is offered. */
  ignoreTLS: boolean;
  pool: boolean;
  auth?: { user: string; pass: string };
}

const PORTS = { smtp: 25, smtps: 465 };

/** From the settings `SMTP_*`, else from `MAIL_URL` of the environment; undefined where neither names a host. */
export function smtpServer({
  settings,
  config,
}: Pick<Context, 'settings' | 'config'>): SmtpServer | undefined {
  const ignoreTLS = settings.bool('SMTP_IgnoreTLS');
  const pool = settings.bool('SMTP_Pool');
  const host = settings.text('SMTP_Host').trim();
  if (host === '') return serverOfUrl(config.mailUrl, { ignoreTLS, pool });
  const secure = settings.text('SMTP_Protocol') === 'smtps';
  const port = Number(settings.text('SMTP_Port')) || PORTS[secure ? 'smtps' : 'smtp'];
  const user = settings.text('SMTP_Username');
  const server = { host, port, secure, ignoreTLS, pool };
  return user === '' ? server : { ...server, auth: { user, pass: settings.text('SMTP_Password') } };
}

function serverOfUrl(
  address: string | undefined,
  rest: Pick<SmtpServer, 'ignoreTLS' | 'pool'>,
): SmtpServer | undefined {
  if (!address || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  const secure = url.protocol === 'smtps:';
  if (url.hostname === '') return undefined;
  const port = Number(url.port) || PORTS[secure ? 'smtps' : 'smtp'];
  const server = { host: url.hostname, port, secure, ...rest };
  if (url.username === '') return server;
  const [user, pass] = [url.username, url.password].map(decodeURIComponent) as [string, string];
  return { ...server, auth: { user, pass } };
}

/** `From_Email`; where nobody set it, an address of the workspace that takes no answers. */
export function senderAddress({ settings }: Pick<Context, 'settings'>): string {
  const from = settings.text('From_Email').trim();
  if (from !== '') return from;
  const site = settings.text('Site_Url');
  return `no-reply@${URL.canParse(site) ? new URL(site).hostname : 'localhost'}`;
}
