import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import type { Config } from '../config/config.ts';
import { clientIp } from '../kernel/client-ip.ts';
import type { Framing } from './frames.ts';
import { DdpSession } from './session.ts';
import type { SessionHost } from './session-host.ts';
import { receiveSockjs } from './sockjs.ts';
import { Wire, type WireHost } from './wire.ts';

/** How long a client may take to answer our close frame. */
const CLOSE_ANSWER_MS = 10_000;
const MAX_USER_AGENT = 512;

/**
 * A server-side socket that knows its session. It takes its own events instead of having listeners, of which each socket would
 * keep a table of its own.
 */
export class SessionSocket extends WebSocket {
  session: DdpSession | undefined;
  framing: Framing = 'raw';
  /** The open sockets of the server. */
  among: Set<SessionSocket> | undefined;

  override emit(event: string | symbol, ...args: unknown[]): boolean {
    if (event === 'message') onMessage(this, args[0] as RawData, args[1] === true);
    else if (event === 'ping' || event === 'pong') this.session?.heard();
    // `ws` closes the socket itself, with the code that fits: 1002, 1007 or 1009.
    else if (event === 'error') this.session?.release();
    else if (event === 'close') this.#closed();
    return event === 'error' || super.emit(event, ...args);
  }

  #closed(): void {
    this.session?.release();
    this.among?.delete(this);
  }
}

export interface Acceptor {
  /** Serves the upgrades of an HTTP server. */
  attach(server: Server): void;
  /** Answers further upgrades with 503. */
  stop(): void;
  /** Stops listening to the HTTP servers. */
  detach(): void;
}

/** Turns upgrade requests into sessions. `opened` and `closed` follow the sockets, not the sessions. */
export function createAcceptor(
  config: Config,
  host: SessionHost,
  wires: WireHost,
  sockets: Set<SessionSocket>,
): Acceptor {
  const server = new WebSocketServer({
    noServer: true,
    WebSocket: SessionSocket,
    maxPayload: config.limits.frameBytes,
    // Ready frames are written past `ws` and shared by their receivers: see Wire.
    perMessageDeflate: false,
    clientTracking: false,
    closeTimeout: CLOSE_ANSWER_MS,
  } as ConstructorParameters<typeof WebSocketServer<typeof SessionSocket>>[0]);
  const prefix = pathOf(config.rootUrl);
  const attached: Server[] = [];
  let stopped = false;

  function open(socket: SessionSocket, tcp: Socket, framing: Framing, request: IncomingMessage): void {
    const userAgent = String(request.headers['user-agent'] ?? '').slice(0, MAX_USER_AGENT);
    socket.framing = framing;
    socket.among = sockets;
    sockets.add(socket);
    const ip = clientIp(request.headers, request.socket.remoteAddress, config.forwardedCount);
    socket.session = new DdpSession(host, new Wire(socket, tcp, framing, wires), { ip, userAgent });
  }

  function onUpgrade(request: IncomingMessage, stream: Duplex, head: Buffer): void {
    // A client that is gone before the answer must not take the process with it.
    stream.on('error', ignore);
    const framing = framingOf(request.url ?? '', prefix);
    if (!framing || stopped) {
      reject(stream, framing ? '503 Service Unavailable' : '404 Not Found');
      return;
    }
    server.handleUpgrade(request, stream, head, (socket) => {
      stream.off('error', ignore);
      open(socket as SessionSocket, stream as Socket, framing, request);
    });
  }

  return {
    attach(httpServer) {
      attached.push(httpServer);
      httpServer.on('upgrade', onUpgrade);
    },
    stop() {
      stopped = true;
    },
    detach() {
      for (const httpServer of attached) httpServer.off('upgrade', onUpgrade);
    },
  };
}

function onMessage({ session, framing }: SessionSocket, data: RawData, isBinary: boolean): void {
  if (!session) return;
  session.heard();
  try {
    if (isBinary) session.complainAboutParsing();
    else if (framing === 'sockjs') receiveSockjs(session, data.toString());
    else session.receive(data.toString());
  } catch (error) {
    // Nobody is above an event listener: what one client can provoke must not end the process.
    session.host.ctx.log.error({ err: error }, 'a DDP message could not be taken');
    session.close(1011, 'Internal error');
  }
}

function ignore(): void {}

function reject(stream: Duplex, status: string): void {
  stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** The path prefix of a workspace that is served below one, without a trailing slash. */
function pathOf(rootUrl: string): string {
  try {
    return new URL(rootUrl).pathname.replace(/\/+$/, '');
  } catch {
    return '';
  }
}

const SOCKJS = /^\/sockjs\/[^/.]+\/[^/.]+\/websocket\/?$/;

/** Which framing an upgrade asks for; undefined for a path that is none of ours. */
function framingOf(url: string, prefix: string): Framing | undefined {
  const [path = ''] = url.split('?', 1);
  // A proxy may or may not have removed the prefix.
  const local = prefix !== '' && path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path;
  if (/^(\/sockjs)?\/websocket\/?$/.test(local)) return 'raw';
  return SOCKJS.test(local) ? 'sockjs' : undefined;
}
