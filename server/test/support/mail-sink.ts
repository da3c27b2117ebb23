import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

/** A mail as the sink got it. */
export interface ReceivedMail {
  from: string;
  to: string[];
  subject: string;
  text: string;
  html: string | undefined;
  raw: string;
}

/** An SMTP server on this machine that keeps what it is sent. */
export interface MailSink {
  port: number;
  mails: ReceivedMail[];
  /** The next mail that nobody took yet, received already or yet to come. */
  next(): Promise<ReceivedMail>;
  close(): Promise<void>;
}

export async function startMailSink(options: SMTPServerOptions = {}): Promise<MailSink> {
  const mails: ReceivedMail[] = [];
  const waiting: ((mail: ReceivedMail) => void)[] = [];
  let taken = 0;
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    // A pool of connections stays open.
    closeTimeout: 20,
    ...options,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const mail = readMail(Buffer.concat(chunks).toString('latin1'));
        const from = mailFrom ? mailFrom.address : '';
        mails.push({ ...mail, from, to: rcptTo.map(({ address }) => address) });
        done();
        const waiter = waiting.shift();
        if (waiter) waiter(mails[taken++] as ReceivedMail);
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    next() {
      const mail = mails[taken];
      if (mail) {
        taken++;
        return Promise.resolve(mail);
      }
      return new Promise((resolve) => waiting.push(resolve));
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** Just enough of MIME for what nodemailer writes: one text, or a text and its HTML. */
function readMail(raw: string): Pick<ReceivedMail, 'subject' | 'text' | 'html' | 'raw'> {
  const { headers, body } = splitPart(raw);
  const boundary = /boundary="([^"]+)"/.exec(headers.get('content-type') ?? '')?.[1];
  const parts = boundary === undefined ? [raw] : body.split(`--${boundary}`).slice(1, -1);
  const texts = new Map(parts.map((part) => readPart(part.replace(/^\r\n/, ''))));
  return {
    subject: decodeWords(headers.get('subject') ?? ''),
    text: texts.get('text/plain') ?? '',
    html: texts.get('text/html'),
    raw,
  };
}

function readPart(part: string): [type: string, text: string] {
  const { headers, body } = splitPart(part);
  const type = headers.get('content-type')?.split(';')[0] ?? '';
  const encoding = headers.get('content-transfer-encoding') ?? '7bit';
  const bytes =
    encoding === 'base64'
      ? Buffer.from(body, 'base64')
      : Buffer.from(encoding === 'quoted-printable' ? decodeQuoted(body) : body, 'latin1');
  return [type, bytes.toString('utf8').replaceAll('\r\n', '\n').trim()];
}

function splitPart(part: string): { headers: Map<string, string>; body: string } {
  const end = part.indexOf('\r\n\r\n');
  const lines = part
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { headers: new Map(headers), body: part.slice(end + 4) };
}

const decodeQuoted = (text: string): string =>
  text
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

const decodeWords = (text: string): string =>
  text
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?UTF-8\?([BQ])\?([^?]*)\?=/gi, (_, kind: string, value: string) =>
      kind.toUpperCase() === 'B'
        ? Buffer.from(value, 'base64').toString('utf8')
        : Buffer.from(decodeQuoted(value.replaceAll('_', ' ')), 'latin1').toString('utf8'),
    );
