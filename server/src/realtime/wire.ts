import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import { type Framing, type Outbound, TextMessage, textFrame } from './frames.ts';

/** How long a receiver that was too slow may take to notice its close frame before the socket is destroyed. */
const SLOW_CLOSE_MS = 2000;
/** What SockJS clients are told before a close; the WebSocket's own close frame says why (spec 40 §1.2). */
const SOCKJS_GO_AWAY = 'c[3000,"Go away!"]';
/** A close reason must fit a control frame. */
const MAX_REASON_BYTES = 123;

/**
 * What was written in this turn of the event loop, to be flushed at its end: several messages for one socket become one
 * system call, and a slow receiver is closed here, never in the middle of a fan-out.
 */
export class FlushQueue {
  #wires: Wire[] = [];

  add(wire: Wire): void {
    this.#wires.push(wire);
    if (this.#wires.length === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    const wires = this.#wires;
    this.#wires = [];
    for (const wire of wires) wire.flush();
  }
}

/** Shared by all wires of a server. */
export interface WireHost {
  flushes: FlushQueue;
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
  /** Frames of this turn, in order; mostly one, which then needs no list. */
  #waiting: Buffer | Buffer[] | undefined;
  #waitingBytes = 0;
  #overflowed = false;

  constructor(ws: WebSocket, tcp: Socket, framing: Framing, host: WireHost) {
    this.#ws = ws;
    this.#tcp = tcp;
    this.framing = framing;
    this.#host = host;
  }

  sendText(text: string): void {
    this.send(new TextMessage(text));
  }

  send(message: Outbound): void {
    if (this.#ws.readyState !== this.#ws.OPEN || this.#overflowed) return;
    this.#write(message.frame(this.framing));
  }

  /** SockJS frames that are not messages: `o` and `c[...]`. */
  sendBare(text: string): void {
    if (this.#ws.readyState === this.#ws.OPEN && !this.#overflowed) this.#write(textFrame(text));
  }

  #write(frame: Buffer): void {
    if (this.#isFull()) {
      // What piled up within this turn may still fit the kernel's buffer.
      this.#writeWaiting();
      if (this.#isFull()) {
        this.#overflowed = true;
        this.#host.flushes.add(this);
        return;
      }
    }
    if (this.#waiting === undefined) {
      this.#waiting = frame;
      this.#host.flushes.add(this);
    } else if (Array.isArray(this.#waiting)) {
      this.#waiting.push(frame);
    } else {
      this.#waiting = [this.#waiting, frame];
    }
    this.#waitingBytes += frame.length;
  }

  #isFull(): boolean {
    return this.#tcp.writableLength + this.#waitingBytes > this.#host.bufferLimit;
  }

  /** One system call, however many frames. */
  #writeWaiting(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    this.#waitingBytes = 0;
    const tcp = this.#tcp;
    if (!Array.isArray(waiting)) {
      tcp.write(waiting);
      return;
    }
    tcp.cork();
    for (const frame of waiting) tcp.write(frame);
    tcp.uncork();
  }

  flush(): void {
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
