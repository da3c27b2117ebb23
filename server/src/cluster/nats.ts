import { setTimeout as delay } from 'node:timers/promises';
import { deserialize, serialize } from 'node:v8';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Logger } from 'pino';

/** As long as the server has not said how large messages may be: NATS's own default. */
const LARGEST_BYTES = 1024 * 1024;
/** How long closing waits until the server has taken what was said last. What it has not taken is read from the database. */
const CLOSE_WITHIN_MS = 1000;

/** The line to the other nodes: what is said reaches each of them at most once, in the order of one speaker. */
export interface Line {
  /** False when the message is too large. While the line is broken nothing is kept of what is said. */
  say(subject: string, message: unknown): boolean;
  hear(subject: string, listener: (message: unknown) => void): void;
  close(): Promise<void>;
}

/** `url`: one or more addresses of NATS servers, separated by commas. Rejects when none answers. */
export async function connectToNats({ url, log }: { url: string; log: Logger }): Promise<Line> {
  const { connect } = await import('../kernel/packages/nats.ts');
  const connection = await connect({
    ...serversOf(url),
    name: 'gantry',
    maxReconnectAttempts: -1,
    // Whatever the server answers: by default two refusals of the login end the connection for good.
    ignoreAuthErrorAbort: true,
    reconnectTimeWait: 500,
    pingInterval: 5000,
    maxPingOut: 2,
    timeout: 10_000,
  });
  // The client would keep everything in memory until the server is there again.
  let isAway = false;
  void follow(connection, log, (away) => {
    isAway = away;
  });
  return {
    say(subject, message) {
      if (isAway || connection.isClosed() || connection.isDraining()) return true;
      const bytes = serialize(message);
      if (bytes.length > (connection.info?.max_payload ?? LARGEST_BYTES)) return false;
      connection.publish(subject, bytes);
      return true;
    },
    hear(subject, listener) {
      connection.subscribe(subject, {
        callback(error, message) {
          if (error) return log.error({ err: error }, 'NATS refused a subscription');
          listener(deserialize(message.data));
        },
      });
    },
    async close() {
      // Refused while the server is away.
      const drained = connection.drain().catch(() => {});
      await Promise.race([drained, delay(CLOSE_WITHIN_MS, undefined, { ref: false })]);
      await connection.close();
    },
  };
}

/** Name and password, or a token, stand in the address: `nats://user:password@host`. */
function serversOf(url: string): { servers: string[]; user?: string; pass?: string; token?: string } {
  const addresses = url.split(',').map((address) => new URL(address.trim()));
  const [first] = addresses;
  const servers = addresses.map(({ protocol, host }) => `${protocol}//${host}`);
  if (!first?.username) return { servers };
  const name = decodeURIComponent(first.username);
  if (!first.password) return { servers, token: name };
  return { servers, user: name, pass: decodeURIComponent(first.password) };
}

async function follow(
  connection: NatsConnection,
  log: Logger,
  changed: (isAway: boolean) => void,
): Promise<void> {
  for await (const { type } of connection.status()) {
    if (type !== 'disconnect' && type !== 'reconnect') continue;
    const isAway = type === 'disconnect';
    changed(isAway);
    if (isAway) log.warn('the connection to NATS was lost; other nodes are heard of later');
    else log.info('the connection to NATS is there again');
  }
}
