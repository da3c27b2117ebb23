import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { FlushQueue, Urgency } from './flush-queue.ts';
import { type FrameJoiner, type Framing, type Outbound, TextMessage, textFrame } from './frames.ts';

/** How long a receiver that was too slow may take to notice its close frame before the socket is destroyed. */
const SLOW_CLOSE_MS = 2000;
/** What SockJS clients are told before a close; the WebSocket's own close frame says why (spec 40 §1.2). */
const SOCKJS_GO_AWAY = 'c[3000,"Go away!"]';
/** A close reason must fit a control frame. */
const MAX_REASON_BYTES = 123;

/** Shared by all wires of a server. */
export interface WireHost {
  flushes: FlushQueue;
  joiner: FrameJoiner;
  /** Bytes that may wait for one receiver before it is given up. */
  bufferLimit: number;
  slowClosed(): void;
}

/** Who is told that its wire was given up. */
export interface WireOwner {
  release(): void;
}

/**
 * The sending side of one WebSocket. Frames go straight to the TCP socket, past the sender of `ws`, because they are
 * ready and shared. That is safe while no extension is negotiated: `ws` then writes its own (control) frames whole and
 * at once, so frames never interleave. Compression must stay off for this.
 */
export class Wire {
  readonly framing: Framing;
  owner: WireOwner | undefined;
  readonly #ws: WebSocket;
  readonly #tcp: Socket;
  readonly #host: WireHost;
  /** Frames that are not written yet, in order; mostly one, which then needs no list. */
  #waiting: Buffer | Buffer[] | undefined;
  #waitingBytes = 0;
  /** Whether it is in the queue, for each urgency. */
  #answersQueued = false;
  #eventsQueued = false;
  #overflowed = false;

  constructor(ws: WebSocket, tcp: Socket, framing: Framing, host: WireHost) {
    this.#ws = ws;
    this.#tcp = tcp;
    this.framing = framing;
    this.#host = host;
  }

  /** Answers and what else this client alone waits for. */
  sendText(text: string): void {
    this.#send(new TextMessage(text), 'answer');
  }

  /** An event, mostly for many. */
  deliver(message: Outbound): void {
    this.#send(message, 'event');
  }

  /** SockJS frames that are not messages: `o` and `c[...]`. */
  sendBare(text: string): void {
    if (this.#takes()) this.#write(textFrame(text), 'answer');
  }

  #send(message: Outbound, urgency: Urgency): void {
    if (this.#takes()) this.#write(message.frame(this.framing), urgency);
  }

  #takes(): boolean {
    return this.#ws.readyState === this.#ws.OPEN && !this.#overflowed;
  }

  #write(frame: Buffer, urgency: Urgency): void {
    if (this.#isFull()) {
      // What piled up may still fit the kernel's buffer.
      this.#writeWaiting();
      if (this.#isFull()) {
        this.#overflowed = true;
        this.#queue('answer');
        return;
      }
    }
    if (this.#waiting === undefined) this.#waiting = frame;
    else if (Array.isArray(this.#waiting)) this.#waiting.push(frame);
    else this.#waiting = [this.#waiting, frame];
    this.#waitingBytes += frame.length;
    this.#queue(urgency);
  }

  /** An answer takes along the events that wait before it: frames keep their order. */
  #queue(urgency: Urgency): void {
    if (urgency === 'answer' ? this.#answersQueued : this.#eventsQueued) return;
    if (urgency === 'answer') this.#answersQueued = true;
    else this.#eventsQueued = true;
    this.#host.flushes.add(this, urgency);
  }

  #isFull(): boolean {
    return this.#tcp.writableLength + this.#waitingBytes > this.#host.bufferLimit;
  }

  /** One system call, however many frames. */
  #writeWaiting(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    const bytes = this.#waitingBytes;
    this.#waiting = undefined;
    this.#waitingBytes = 0;
    const tcp = this.#tcp;
    if (!Array.isArray(waiting)) {
      tcp.write(waiting);
      return;
    }
    const joined = this.#host.joiner.join(waiting, bytes);
    if (joined) {
      tcp.write(joined);
      return;
    }
    tcp.cork();
    for (const frame of waiting) tcp.write(frame);
    tcp.uncork();
  }

  flush(urgency: Urgency): void {
    if (urgency === 'answer') this.#answersQueued = false;
    else this.#eventsQueued = false;
    this.#writeWaiting();
    if (this.#overflowed && this.#ws.readyState === this.#ws.OPEN) {
      this.#host.slowClosed();
      this.#ws.resume();
      this.#ws.close(1013, 'Too slow');
      setTimeout(() => this.#tcp.destroy(), SLOW_CLOSE_MS).unref();
      this.owner?.release();
    }
  }

  /** Closes after what was sent so far. */
  close(code: number, reason: string): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    if (this.framing === 'sockjs') this.sendBare(SOCKJS_GO_AWAY);
    this.#writeWaiting();
    this.#ws.resume();
    this.#ws.close(code, Buffer.from(reason).subarray(0, MAX_REASON_BYTES).toString());
  }

  /** Cuts the connection without a word: nobody seems to be there. */
  terminate(): void {
    this.#ws.terminate();
  }

  /** Stops and resumes reading from the client. */
  pause(): void {
    this.#ws.pause();
  }

  resume(): void {
    this.#ws.resume();
  }
}
