import { connect, type Socket } from 'node:net';

/** A text frame's payload is `bytes[start, end)`, valid only during the call. */
export type OnFrame = (bytes: Buffer, start: number, end: number) => void;

const UPGRADE = [
  'GET /websocket HTTP/1.1',
  'Host: 127.0.0.1',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==',
  '',
  '',
].join('\r\n');
const NOTHING: Buffer = Buffer.alloc(0);
const TEXT = 1;
const CLOSE = 8;
/** Longest text that may be a ping; every longer frame is none. */
const MAX_PING = 40;

/**
 * A WebSocket that reads frames in place. All sockets of a process share one read buffer, and frames are masked with
 * zeros (legal, and leaves the payload as it is), so that thousands of them cost little.
 */
export class DdpSocket {
  onFrame: OnFrame = () => {};
  /** Called once when the connection ends, whoever ended it. */
  onEnd: (reason: string) => void = () => {};
  readonly #socket: Socket;
  #open: (() => void) | undefined;
  #upgraded = false;
  #rest = NOTHING;

  /** `shared` is the read buffer. `opened` is called when frames may be sent. */
  constructor(port: number, shared: Buffer, opened: () => void) {
    this.#open = opened;
    this.#socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: shared,
        callback: (length) => {
          this.#read(shared, length);
          return true;
        },
      },
    });
    this.#socket.write(UPGRADE);
    this.#socket.on('error', (error) => this.#end(error.message));
    this.#socket.on('close', () => this.#end('closed'));
  }

  send(...messages: readonly object[]): void {
    this.#socket.write(Buffer.concat(messages.map((message) => maskedFrame(JSON.stringify(message)))));
  }

  close(): void {
    this.onEnd = () => {};
    this.#socket.destroy();
  }

  #end(reason: string): void {
    const tell = this.onEnd;
    this.onEnd = () => {};
    tell(reason);
  }

  #read(shared: Buffer, length: number): void {
    const fresh = shared.subarray(0, length);
    const bytes = this.#rest.length === 0 ? fresh : Buffer.concat([this.#rest, fresh]);
    const at = this.#upgraded ? 0 : this.#readUpgrade(bytes);
    if (!this.#upgraded) {
      this.#rest = Buffer.from(bytes);
      return;
    }
    const done = this.#readFrames(bytes, at);
    // The shared buffer is overwritten by the next read of any socket.
    this.#rest = done < bytes.length ? Buffer.from(bytes.subarray(done)) : NOTHING;
  }

  /** Returns where the frames begin. */
  #readUpgrade(bytes: Buffer): number {
    const end = bytes.indexOf('\r\n\r\n');
    if (end < 0) return 0;
    const status = bytes.toString('latin1', 9, 12);
    if (status !== '101') {
      this.#end(`the upgrade was answered with ${status}`);
      this.#socket.destroy();
      return 0;
    }
    this.#upgraded = true;
    this.#open?.();
    this.#open = undefined;
    return end + 4;
  }

  #readFrames(bytes: Buffer, from: number): number {
    let at = from;
    while (bytes.length - at >= 2) {
      let start = at + 2;
      let size = bytes.readUInt8(at + 1) & 127;
      if (size === 126) {
        if (bytes.length < at + 4) break;
        size = bytes.readUInt16BE(at + 2);
        start = at + 4;
      } else if (size === 127) {
        if (bytes.length < at + 10) break;
        size = bytes.readUIntBE(at + 4, 6);
        start = at + 10;
      }
      const end = start + size;
      if (end > bytes.length) break;
      const opcode = bytes.readUInt8(at) & 15;
      at = end;
      if (opcode === TEXT) this.#text(bytes, start, end);
      else if (opcode === CLOSE)
        this.#end(`closed with ${size >= 2 ? bytes.readUInt16BE(start) : 'no code'}`);
    }
    return at;
  }

  #text(bytes: Buffer, start: number, end: number): void {
    if (end - start <= MAX_PING && bytes.toString('latin1', start, end).startsWith('{"msg":"ping"')) {
      this.send({ msg: 'pong' });
      return;
    }
    this.onFrame(bytes, start, end);
  }
}

function maskedFrame(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const header = length < 126 ? Buffer.alloc(6) : Buffer.alloc(8);
  header[0] = 0x81;
  if (length < 126) {
    header[1] = 0x80 | length;
  } else if (length < 65_536) {
    header[1] = 0x80 | 126;
    header.writeUInt16BE(length, 2);
  } else {
    throw new Error('the load generator sends no frames of 64 KiB');
  }
  return Buffer.concat([header, Buffer.from(text)]);
}
