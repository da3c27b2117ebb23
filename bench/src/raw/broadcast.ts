import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { ProcessState } from '../load/tasks.ts';

/** Bytes that may wait for one receiver before the broadcast pauses. */
const ENOUGH_WAITING = 256 * 1024;

/** A bare `ws` server that does nothing but broadcast. */
export class Broadcaster {
  readonly http: Server;
  readonly #receivers = new Set<Duplex>();
  #awaited: { count: number; resolve(): void } | undefined;

  constructor(answer: (broadcaster: Broadcaster, body: string) => void) {
    const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, clientTracking: false });
    this.http = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        answer(this, Buffer.concat(chunks).toString());
        response.writeHead(200, { 'content-length': 2 }).end('{}');
      });
    });
    this.http.on('upgrade', (request, stream, head) => {
      sockets.handleUpgrade(request, stream, head, () => this.#add(stream));
    });
  }

  /** Frames that are sent together go out in one system call for each receiver. */
  send(frame: Buffer, times = 1): void {
    for (const receiver of this.#receivers) {
      if (times > 1) receiver.cork();
      for (let time = 0; time < times; time += 1) receiver.write(frame);
      if (times > 1) receiver.uncork();
    }
  }

  get isBehind(): boolean {
    for (const receiver of this.#receivers) if (receiver.writableLength > ENOUGH_WAITING) return true;
    return false;
  }

  connected(count: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#receivers.size >= count) return resolve();
      this.#awaited = { count, resolve };
    });
  }

  #add(stream: Duplex): void {
    this.#receivers.add(stream);
    stream.on('close', () => this.#receivers.delete(stream));
    if (this.#receivers.size === this.#awaited?.count) this.#awaited.resolve();
  }
}

/** Opens the server. A POST with a message `{message: {msg}}` broadcasts `payload` with that text. Returns the port. */
export async function openBroadcaster(
  { payload }: { payload: string },
  state: ProcessState,
): Promise<number> {
  const broadcaster = new Broadcaster((self, body) => {
    const { message } = JSON.parse(body) as { message: { msg: string } };
    self.send(serverFrame(payload.replace(/"msg":"t=[^"]*"/, `"msg":${JSON.stringify(message.msg)}`)));
  });
  state.broadcaster = broadcaster;
  await new Promise<void>((resolve) => broadcaster.http.listen(0, '127.0.0.1', resolve));
  const address = broadcaster.http.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export async function waitForReceivers({ count }: { count: number }, state: ProcessState): Promise<void> {
  await state.broadcaster?.connected(count);
}

/** Broadcasts one prepared frame `messages` times, as fast as the receivers read, and so many of them `together`. */
export async function broadcast(
  { payload, messages, together }: { payload: string; messages: number; together: number },
  { broadcaster }: ProcessState,
): Promise<void> {
  const frame = serverFrame(payload);
  for (let sent = 0; sent < messages && broadcaster; sent += together) {
    broadcaster.send(frame, Math.min(together, messages - sent));
    do await new Promise(setImmediate);
    while (broadcaster.isBehind);
  }
}

function serverFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  if (payload.length < 126 || payload.length > 65_535) throw new Error('messages have 126 to 65,535 bytes');
  return Buffer.concat([Buffer.from([0x81, 126, payload.length >> 8, payload.length & 255]), payload]);
}
