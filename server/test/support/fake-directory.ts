import { type AddressInfo, createServer, type Socket } from 'node:net';

/** Something that listens where a directory is expected, and behaves as a test wants it. */
export interface FakeDirectory {
  port: number;
  /** How many connections were made. */
  connections(): number;
  /** All that was sent to it. */
  received(): Buffer;
  /** Resolves when every connection is closed. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** Called with each request: its message id, the tag of its operation, and all its bytes. */
export type Answer = (request: { id: number; operation: number; data: Buffer; socket: Socket }) => void;

export const BIND_REQUEST = 0x60;
export const SEARCH_REQUEST = 0x63;
export const EXTENDED_REQUEST = 0x77;

export async function startFakeDirectory(
  answer: Answer,
  connected: (socket: Socket) => void = () => {},
): Promise<FakeDirectory> {
  const sockets = new Set<Socket>();
  const closed = new Set<() => void>();
  const chunks: Buffer[] = [];
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => {
      sockets.delete(socket);
      for (const listener of closed) listener();
    });
    socket.on('data', (data) => {
      chunks.push(data);
      const request = readRequest(data);
      if (request) answer({ ...request, data, socket });
    });
    connected(socket);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    received: () => Buffer.concat(chunks),
    idle: () =>
      new Promise((resolve) => {
        const check = () => {
          if (sockets.size > 0) return;
          closed.delete(check);
          resolve();
        };
        closed.add(check);
        check();
      }),
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** One BER value. */
export function ber(tag: number, ...contents: readonly (Buffer | string | number)[]): Buffer {
  const content = Buffer.concat(
    contents.map((part) => (typeof part === 'number' ? Buffer.from([part]) : Buffer.from(part))),
  );
  const length = content.length < 128 ? Buffer.from([content.length]) : longLength(content.length);
  return Buffer.concat([Buffer.from([tag]), length, content]);
}

/** A message with an operation of a result code, or with any other one. */
export const ldapMessage = (id: number, operation: Buffer): Buffer => ber(0x30, ber(0x02, id), operation);

export const result = (tag: number, code: number): Buffer => ber(tag, ber(0x0a, code), ber(0x04), ber(0x04));

export const BIND_RESPONSE = 0x61;
export const SEARCH_ENTRY = 0x64;
export const SEARCH_DONE = 0x65;
export const EXTENDED_RESPONSE = 0x78;

/** An entry of a search with one value for each attribute. */
export const searchEntry = (dn: string, attributes: Record<string, string>): Buffer =>
  ber(
    SEARCH_ENTRY,
    ber(0x04, dn),
    ber(
      0x30,
      ...Object.entries(attributes).map(([name, value]) =>
        ber(0x30, ber(0x04, name), ber(0x31, ber(0x04, value))),
      ),
    ),
  );

function longLength(length: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = 0x84;
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

/** The id and the operation of a request that came in one piece; none of ours has an id of several bytes. */
function readRequest(data: Buffer): { id: number; operation: number } | undefined {
  const long = data[1] === undefined || data[1] < 0x80 ? 0 : data[1] & 0x7f;
  const [id, operation] = [data[4 + long], data[5 + long]];
  return id === undefined || operation === undefined ? undefined : { id, operation };
}
