/**
 * Ready-made WebSocket frames. An event is turned into bytes once per framing (raw DDP, SockJS) and the same buffer is
 * written to every receiver. Server frames are not masked and nothing is compressed, so a
 * frame is complete without knowing its receiver.
 */

export type Framing = 'raw' | 'sockjs';

/** Something to send, as the bytes of one WebSocket frame. */
export interface Outbound {
  frame(framing: Framing): Buffer;
}

const TEXT_FRAME = 0x81; // FIN + opcode 1

function frameHeader(length: number): Buffer {
  if (length < 126) return Buffer.from([TEXT_FRAME, length]);
  if (length < 65_536) return Buffer.from([TEXT_FRAME, 126, length >> 8, length & 255]);
  const header = Buffer.alloc(10);
  header[0] = TEXT_FRAME;
  header[1] = 127;
  header.writeUIntBE(length, 4, 6);
  return header;
}

/** The WebSocket text frame (server to client) of a text. */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header = frameHeader(length);
  const frame = Buffer.allocUnsafe(header.length + length);
  frame.set(header);
  frame.write(text, header.length);
  return frame;
}

/** One DDP message; each framing's bytes are made at first use and kept. */
export class TextMessage implements Outbound {
  readonly #text: string;
  #raw: Buffer | undefined;
  #sockjs: Buffer | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  frame(framing: Framing): Buffer {
    if (framing === 'raw') {
      this.#raw ??= textFrame(this.#text);
      return this.#raw;
    }
    this.#sockjs ??= textFrame(`a[${JSON.stringify(this.#text)}]`);
    return this.#sockjs;
  }
}

const NEEDS_NO_ESCAPE = /^[\w.-]*$/;

/**
 * Messages that differ in one short word only, such as the user id in an event for many users: head and tail are encoded
 * once, each message copies them around its word.
 */
export class SplicedMessages {
  readonly #head: string;
  readonly #tail: string;
  #raw: readonly [Buffer, Buffer] | undefined;
  #sockjs: readonly [Buffer, Buffer] | undefined;

  /** `head` ends and `tail` begins inside a JSON string literal. */
  constructor(head: string, tail: string) {
    this.#head = head;
    this.#tail = tail;
  }

  /** The message around `word`. */
  around(word: string): Outbound {
    if (!NEEDS_NO_ESCAPE.test(word)) {
      return new TextMessage(this.#head + JSON.stringify(word).slice(1, -1) + this.#tail);
    }
    return new Spliced(this, word);
  }

  parts(framing: Framing): readonly [Buffer, Buffer] {
    if (framing === 'raw') {
      this.#raw ??= [Buffer.from(this.#head), Buffer.from(this.#tail)];
      return this.#raw;
    }
    this.#sockjs ??= [
      Buffer.from(`a["${JSON.stringify(this.#head).slice(1, -1)}`),
      Buffer.from(`${JSON.stringify(this.#tail).slice(1, -1)}"]`),
    ];
    return this.#sockjs;
  }
}

class Spliced implements Outbound {
  readonly #around: SplicedMessages;
  /** ASCII only, so its length is its length in bytes. */
  readonly #word: string;
  #raw: Buffer | undefined;
  #sockjs: Buffer | undefined;

  constructor(around: SplicedMessages, word: string) {
    this.#around = around;
    this.#word = word;
  }

  frame(framing: Framing): Buffer {
    if (framing === 'raw') {
      this.#raw ??= this.#build(framing);
      return this.#raw;
    }
    this.#sockjs ??= this.#build(framing);
    return this.#sockjs;
  }

  #build(framing: Framing): Buffer {
    const [head, tail] = this.#around.parts(framing);
    const length = head.length + this.#word.length + tail.length;
    const header = frameHeader(length);
    const frame = Buffer.allocUnsafe(header.length + length);
    frame.set(header);
    frame.set(head, header.length);
    frame.write(this.#word, header.length + head.length, 'latin1');
    frame.set(tail, header.length + head.length + this.#word.length);
    return frame;
  }
}

/** Longer lists are cheaper to hand over piece by piece than to copy. */
const MAX_JOINED_BYTES = 64 * 1024;

/**
 * Makes one buffer of the frames that wait for a socket, where it can be shared: in a round over the members of a room
 * most sockets wait for the same frames. A list is joined when it comes a second time in a row.
 */
export class FrameJoiner {
  #last: readonly Buffer[] = [];
  #joined: Buffer | undefined;

  /** `bytes` is the length of all frames; undefined where they are better written one by one. */
  join(frames: readonly Buffer[], bytes: number): Buffer | undefined {
    if (bytes > MAX_JOINED_BYTES) return undefined;
    if (!sameFrames(frames, this.#last)) {
      this.#last = frames;
      this.#joined = undefined;
      return undefined;
    }
    this.#joined ??= Buffer.concat(frames, bytes);
    return this.#joined;
  }
}

function sameFrames(some: readonly Buffer[], others: readonly Buffer[]): boolean {
  return some.length === others.length && some.every((frame, index) => frame === others[index]);
}
