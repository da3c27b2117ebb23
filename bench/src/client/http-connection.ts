import { connect, type Socket } from 'node:net';

export interface HttpAnswer {
  status: number;
  body: Buffer;
}

export interface Credentials {
  uid: string;
  token: string;
}

interface Waiting {
  resolve(answer: HttpAnswer): void;
  reject(error: Error): void;
}

const NOTHING: Buffer = Buffer.alloc(0);

/**
 * One keep-alive HTTP connection with one request at a time, as lean as it gets: a full client would cost more time than
 * the server it measures. Understands answers with a `content-length` only.
 */
export class HttpConnection {
  readonly #socket: Socket;
  #received = NOTHING;
  /** Length of head and body of the answer under way; 0 while the head is incomplete. */
  #expected = 0;
  #bodyAt = 0;
  #status = 0;
  #waiting: Waiting | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  static open(port: number): Promise<HttpConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new HttpConnection(socket));
      });
    });
  }

  get(path: string, credentials?: Credentials): Promise<HttpAnswer> {
    return this.send(`GET ${path} HTTP/1.1\r\n${headers(credentials)}\r\n`);
  }

  post(path: string, body: object, credentials?: Credentials): Promise<HttpAnswer> {
    const text = JSON.stringify(body);
    const length = Buffer.byteLength(text);
    const about = `Content-Type: application/json\r\nContent-Length: ${length}\r\n`;
    return this.send(`POST ${path} HTTP/1.1\r\n${headers(credentials)}${about}\r\n${text}`);
  }

  send(request: string): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      if (this.#waiting) return reject(new Error('a request is under way already'));
      this.#waiting = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    if (this.#expected === 0 && !this.#readHead()) return;
    if (this.#received.length < this.#expected) return;
    const answer = { status: this.#status, body: this.#received.subarray(this.#bodyAt, this.#expected) };
    this.#received = NOTHING;
    this.#expected = 0;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(answer);
  }

  #readHead(): boolean {
    const end = this.#received.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const head = this.#received.toString('latin1', 0, end);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined) {
      this.#socket.destroy(new Error(`an answer without a length:\n${head}`));
      return false;
    }
    this.#status = Number(head.slice(9, 12));
    this.#bodyAt = end + 4;
    this.#expected = this.#bodyAt + Number(length);
    return true;
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}

function headers(credentials: Credentials | undefined): string {
  if (!credentials) return 'Host: 127.0.0.1\r\n';
  return `Host: 127.0.0.1\r\nX-User-Id: ${credentials.uid}\r\nX-Auth-Token: ${credentials.token}\r\n`;
}
