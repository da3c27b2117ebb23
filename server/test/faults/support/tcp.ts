import { connect, type Socket } from 'node:net';

/** A bare TCP connection to the server, for what no HTTP client would send. */
export class Tcp {
  readonly socket: Socket;
  /** Everything that was received, when the server has closed the connection. */
  readonly ended: Promise<string>;
  #received = '';
  readonly #listeners = new Set<() => void>();

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      this.#received += chunk.toString('latin1');
      for (const listener of this.#listeners) listener();
    });
    // A reset is an end, too.
    socket.on('error', () => {});
    this.ended = new Promise((resolve) => socket.on('close', () => resolve(this.#received)));
  }

  static async open(port: number): Promise<Tcp> {
    const socket = connect({ port, host: '127.0.0.1' });
    const tcp = new Tcp(socket);
    await new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('error', reject);
    });
    return tcp;
  }

  send(data: string | Buffer): void {
    this.socket.write(data);
  }

  /** Resolves with all that was received once it matches. */
  async received(pattern: RegExp): Promise<string> {
    if (pattern.test(this.#received)) return this.#received;
    return new Promise((resolve, reject) => {
      const check = () => {
        if (!pattern.test(this.#received)) return;
        this.#listeners.delete(check);
        resolve(this.#received);
      };
      this.#listeners.add(check);
      this.socket.once('close', () => reject(new Error(`closed after ${JSON.stringify(this.#received)}`)));
    });
  }

  close(): void {
    this.socket.destroy();
  }
}

/** Head of a request with these headers. */
export function head(method: string, path: string, headers: Record<string, string | number>): string {
  const lines = Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}`);
  return `${[`${method} ${path} HTTP/1.1`, ...lines].join('\r\n')}\r\n\r\n`;
}

/** Status and JSON body of the last answer in what was received. */
// biome-ignore lint/suspicious/noExplicitAny: bodies of any endpoint
export function lastAnswer(received: string): { status: number; body: any } {
  const start = received.lastIndexOf('HTTP/1.1 ');
  const answer = received.slice(start);
  const [, status] = /^HTTP\/1\.1 (\d+)/.exec(answer) ?? [];
  const text = answer.slice(answer.indexOf('\r\n\r\n') + 4);
  return { status: Number(status), body: text === '' ? undefined : JSON.parse(text) };
}
