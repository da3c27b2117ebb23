import { DdpSocket } from '../client/ddp-socket.ts';
import type { Credentials } from '../client/http-connection.ts';
import { clientWishes, logIn, type Wish } from '../client/log-in.ts';
import { type Latency, latency } from '../harness/figures.ts';
import { nowUs, sentAt } from './stamp.ts';
import type { ProcessState } from './tasks.ts';

/** Every event of `stream-room-messages` begins like this. */
const ROOM_MESSAGE = Buffer.from('{"msg":"changed","collection":"stream-room-messages"');
const READ_BUFFER = 256 * 1024;
/** Logins under way at the same time, so that connecting is no storm of its own. */
const AT_ONCE = 32;

/** Open sockets that count what they receive. */
export class Listeners {
  frames = 0;
  bytes = 0;
  roomMessages = 0;
  /** When the last room message came, in microseconds of the shared clock. */
  lastAt = 0;
  /** Of the first room message. */
  payload = Buffer.alloc(0);
  /** Send-to-receive times in ms; collected when `timed`. */
  samples: number[] = [];
  timed = false;
  readonly #sockets: DdpSocket[] = [];
  #awaited: { count: number; resolve(): void; reject(error: Error): void } | undefined;
  #lost: string | undefined;

  add(socket: DdpSocket): void {
    this.#sockets.push(socket);
    socket.onFrame = (bytes, start, end) => this.#take(bytes, start, end);
    socket.onEnd = (reason) => this.#lose(reason);
  }

  forget(timed: boolean): void {
    this.frames = 0;
    this.bytes = 0;
    this.roomMessages = 0;
    this.samples = [];
    this.timed = timed;
  }

  /** Resolves when so many room messages came since `forget`; rejects when a socket was lost. */
  received(count: number): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#lost) return reject(new Error(this.#lost));
      if (this.roomMessages >= count) return resolve();
      this.#awaited = { count, resolve, reject };
    });
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }

  #take(bytes: Buffer, start: number, end: number): void {
    this.frames += 1;
    this.bytes += end - start;
    const head = start + ROOM_MESSAGE.length;
    if (head > end || bytes.compare(ROOM_MESSAGE, 0, ROOM_MESSAGE.length, start, head) !== 0) return;
    this.roomMessages += 1;
    if (this.timed) {
      const sent = sentAt(bytes, start, end);
      if (sent !== undefined) this.samples.push((nowUs() - sent) / 1000);
    }
    this.lastAt = nowUs();
    if (this.roomMessages === 1) this.payload = Buffer.from(bytes.subarray(start, end));
    if (this.roomMessages !== this.#awaited?.count) return;
    this.#awaited.resolve();
    this.#awaited = undefined;
  }

  #lose(reason: string): void {
    this.#lost = `a listener was cut off: ${reason}`;
    this.#awaited?.reject(new Error(this.#lost));
    this.#awaited = undefined;
  }
}

export interface ListenInput {
  port: number;
  rid: string;
  listeners: readonly Credentials[];
  /** `client` subscribes as a client does, `messages` to the room's messages alone, `bare` does not even log in. */
  as: 'client' | 'messages' | 'bare';
}

export async function openListeners(
  { port, rid, listeners, as }: ListenInput,
  state: ProcessState,
): Promise<void> {
  const opened = new Listeners();
  state.listeners = opened;
  const shared = Buffer.alloc(READ_BUFFER);
  const uids = listeners.map(({ uid }) => uid);
  const waiting = listeners.entries();
  const openNext = async () => {
    // The iterator is shared: each listener is taken by one of the loops.
    for (const [index, listener] of waiting) {
      const watched = uids.slice(Math.max(0, index - 10), index + 10);
      const wishes: Wish[] =
        as === 'client' ? clientWishes(listener.uid, rid, watched) : [['stream-room-messages', rid, false]];
      opened.add(
        as === 'bare' ? await connectBare(port, shared) : await logIn(port, shared, listener, wishes),
      );
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, openNext));
}

function connectBare(port: number, shared: Buffer): Promise<DdpSocket> {
  return new Promise((resolve, reject) => {
    const socket = new DdpSocket(port, shared, () => resolve(socket));
    socket.onEnd = (reason) => reject(new Error(reason));
  });
}

/** Begins a new count. `timed` collects how long messages take from sending to receiving. */
export function forgetFrames({ timed }: { timed: boolean }, { listeners }: ProcessState): number {
  required(listeners).forget(timed);
  return nowUs();
}

export interface Received {
  /** Of any kind. */
  frames: number;
  bytes: number;
  roomMessages: number;
  /** When the last awaited message came, in microseconds of the shared clock. */
  lastAt: number;
  latency: Latency;
}

/** Waits until that many room messages came, counted over all listeners. */
export async function awaitMessages({ count }: { count: number }, state: ProcessState): Promise<Received> {
  const listeners = required(state.listeners);
  await listeners.received(count);
  const { frames, bytes, roomMessages, lastAt, samples } = listeners;
  return { frames, bytes, roomMessages, lastAt, latency: latency(samples) };
}

/** The payload of a room message, for the bare broadcast of the same bytes. */
export function messagePayload(_input: null, { listeners }: ProcessState): string {
  return required(listeners).payload.toString();
}

export function closeListeners(_input: null, state: ProcessState): void {
  state.listeners?.close();
  delete state.listeners;
}

function required(listeners: Listeners | undefined): Listeners {
  if (!listeners) throw new Error('nobody listens');
  return listeners;
}
