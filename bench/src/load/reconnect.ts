import type { DdpSocket } from '../client/ddp-socket.ts';
import { type Credentials, HttpConnection } from '../client/http-connection.ts';
import { clientWishes, logIn } from '../client/log-in.ts';
import { type Latency, latency } from '../harness/figures.ts';
import { refuseFailure } from './closed-loop.ts';

export interface ReconnectInput {
  port: number;
  rid: string;
  clients: readonly Credentials[];
}

export interface ReconnectResult {
  /** Until the last client was served, in ms. */
  allServedMs: number;
  /** Per client, in ms. */
  latency: Latency;
}

/**
 * All clients come back at the same moment, as after a restart of the server: each connects, logs in by token, subscribes,
 * and fetches its rooms and subscriptions.
 */
export async function reconnectAll({ port, rid, clients }: ReconnectInput): Promise<ReconnectResult> {
  const shared = Buffer.alloc(256 * 1024);
  const sockets: DdpSocket[] = [];
  const started = performance.now();
  const samples = await Promise.all(
    clients.map(async (client, index) => {
      const watched = clients.slice(Math.max(0, index - 10), index + 10).map(({ uid }) => uid);
      const [socket] = await Promise.all([
        logIn(port, shared, client, clientWishes(client.uid, rid, watched)),
        fetchLists(port, client),
      ]);
      sockets.push(socket);
      return performance.now() - started;
    }),
  );
  const allServedMs = performance.now() - started;
  for (const socket of sockets) socket.close();
  return { allServedMs, latency: latency(samples) };
}

async function fetchLists(port: number, client: Credentials): Promise<void> {
  const connection = await HttpConnection.open(port);
  refuseFailure(await connection.get('/api/v1/rooms.get', client));
  refuseFailure(await connection.get('/api/v1/subscriptions.get', client));
  connection.close();
}
