import { type ClientOptions, WebSocket } from 'ws';

/** One DDP message as it came, parsed; dates stay `{$date}`. SockJS's own frames are `{sockjs: text}`. */
// biome-ignore lint/suspicious/noExplicitAny: frames of any kind; tests assert what they read
export type Frame = Record<string, any>;

export class DdpError extends Error {
  readonly error: string | number;
  readonly reason: string | undefined;
  readonly details: unknown;

  constructor(error: { error: string | number; reason?: string; message?: string; details?: unknown }) {
    super(error.message ?? String(error.error));
    this.error = error.error;
    this.reason = error.reason;
    this.details = error.details;
  }
}

interface Waiter {
  matches(frame: Frame): boolean;
  resolve(frame: Frame): void;
}

/** A small client of the realtime API that records every frame in order. Waits for frames, never for time. */
export class DdpClient {
  readonly frames: Frame[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #socket: WebSocket;
  readonly #isSockjs: boolean;
  readonly #waiters: Waiter[] = [];
  #ids = 0;

  private constructor(socket: WebSocket, isSockjs: boolean) {
    this.#socket = socket;
    this.#isSockjs = isSockjs;
    socket.on('message', (data) => this.#received(String(data)));
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
    });
  }

  static async connect(url: string): Promise<DdpClient> {
    const client = await DdpClient.open(url);
    client.send({ msg: 'connect', version: '1', support: ['1'] });
    await client.next((frame) => frame.msg === 'connected');
    return client;
  }

  /** Only the socket, without the DDP greeting; a path below `/sockjs/` speaks in SockJS frames. */
  static async open(
    url: string,
    { path = '/websocket', ...options }: ClientOptions & { path?: string } = {},
  ): Promise<DdpClient> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}${path}`, options);
    const client = new DdpClient(socket, /^\/sockjs\/./.test(path));
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return client;
  }

  send(frame: object): void {
    const text = JSON.stringify(frame);
    this.#socket.send(this.#isSockjs ? JSON.stringify([text]) : text);
  }

  sendText(text: string | Buffer): void {
    this.#socket.send(text);
  }

  /** Stops reading from the socket, as a client does that hangs. */
  pause(): void {
    this.#socket.pause();
  }

  // biome-ignore lint/suspicious/noExplicitAny: results of any method
  async call(method: string, ...params: unknown[]): Promise<any> {
    const id = `m${++this.#ids}`;
    const answered = this.next((frame) => frame.msg === 'result' && frame.id === id);
    this.send({ msg: 'method', method, id, params });
    const { error, result } = await answered;
    if (error) throw new DdpError(error);
    return result;
  }

  /** Subscribes and waits for `ready`; a refusal throws. Returns the subscription's id. */
  async subscribe(name: string, ...params: unknown[]): Promise<string> {
    const id = `s${++this.#ids}`;
    const answered = this.next(
      (frame) =>
        (frame.msg === 'ready' && frame.subs[0] === id) || (frame.msg === 'nosub' && frame.id === id),
    );
    this.send({ msg: 'sub', id, name, params });
    const frame = await answered;
    if (frame.msg === 'nosub') throw new DdpError(frame.error ?? { error: 'nosub' });
    return id;
  }

  /** The arguments of every event received so far on a stream, in order. */
  events(stream: string, eventName: string): Frame[][] {
    return this.frames.filter((frame) => isEvent(frame, stream, eventName)).map((frame) => frame.fields.args);
  }

  /** The arguments of the first event, received already or yet to come, that `matches`. */
  async event(
    stream: string,
    eventName: string,
    matches: (args: Frame[]) => boolean = () => true,
  ): Promise<Frame[]> {
    const frame = await this.first(
      (candidate) => isEvent(candidate, stream, eventName) && matches(candidate.fields.args),
    );
    return frame.fields.args;
  }

  /** The first frame, received already or yet to come, that `matches`. */
  first(matches: (frame: Frame) => boolean): Promise<Frame> {
    const known = this.frames.find(matches);
    return known ? Promise.resolve(known) : this.next(matches);
  }

  /** The next frame that `matches`; earlier ones do not count. */
  next(matches: (frame: Frame) => boolean): Promise<Frame> {
    return new Promise((resolve) => this.#waiters.push({ matches, resolve }));
  }

  /**
   * Everything that the server had queued for this socket before now has arrived when this resolves: frames of one
   * connection keep their order.
   */
  async barrier(): Promise<void> {
    const id = `b${++this.#ids}`;
    const answered = this.next((frame) => frame.msg === 'pong' && frame.id === id);
    this.send({ msg: 'ping', id });
    await answered;
  }

  close(): void {
    this.#socket.terminate();
  }

  #received(text: string): void {
    if (!this.#isSockjs) this.#take(JSON.parse(text));
    else if (text.startsWith('a'))
      for (const message of JSON.parse(text.slice(1))) this.#take(JSON.parse(message));
    else this.#take({ sockjs: text });
  }

  #take(frame: Frame): void {
    this.frames.push(frame);
    const ready = this.#waiters.filter((waiter) => waiter.matches(frame));
    for (const waiter of ready) {
      this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
      waiter.resolve(frame);
    }
  }
}

function isEvent(frame: Frame, stream: string, eventName: string): boolean {
  return (
    frame.msg === 'changed' &&
    frame.collection === `stream-${stream}` &&
    frame.fields?.eventName === eventName
  );
}
