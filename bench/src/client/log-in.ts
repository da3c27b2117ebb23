import { DdpSocket } from './ddp-socket.ts';
import type { Credentials } from './http-connection.ts';

/** What a client subscribes to: the name of a stream and the parameters. */
export type Wish = readonly [stream: string, ...params: unknown[]];

/** As a client that shows one room does. `watched` are the users whose presence it shows. */
export function clientWishes(uid: string, rid: string, watched: readonly string[]): Wish[] {
  const own = ['rooms-changed', 'subscriptions-changed', 'notification', 'message'];
  return [
    ['stream-room-messages', rid, false],
    ...own.map((event): Wish => ['stream-notify-user', `${uid}/${event}`, false]),
    ['stream-notify-logged', 'roles-change', false],
    ['stream-user-presence', '', { added: watched }],
  ];
}

/**
 * Connects, logs in by token and subscribes, all in one burst as SDKs do. Resolves when every subscription is ready;
 * from then on the caller's `onFrame` sees the frames.
 */
export function logIn(
  port: number,
  shared: Buffer,
  { token }: Credentials,
  wishes: readonly Wish[],
): Promise<DdpSocket> {
  return new Promise((resolve, reject) => {
    let awaited = wishes.length + 1;
    const socket = new DdpSocket(port, shared, () =>
      socket.send(
        { msg: 'connect', version: '1', support: ['1'] },
        { msg: 'method', method: 'login', id: 'login', params: [{ resume: token }] },
        ...wishes.map(([name, ...params], index) => ({ msg: 'sub', id: `s${index}`, name, params })),
      ),
    );
    const fail = (reason: string) => {
      socket.close();
      reject(new Error(reason));
    };
    socket.onEnd = fail;
    socket.onFrame = (bytes, start, end) => {
      const text = bytes.toString('utf8', start, end);
      const { msg, error } = JSON.parse(text) as { msg?: string; error?: unknown };
      if (error || msg === 'nosub' || msg === 'error' || msg === 'failed') fail(text);
      if ((msg === 'ready' || msg === 'result') && --awaited === 0) {
        socket.onFrame = () => {};
        resolve(socket);
      }
    };
  });
}
