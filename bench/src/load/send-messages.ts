import { setTimeout as sleep } from 'node:timers/promises';
import { type Credentials, HttpConnection } from '../client/http-connection.ts';
import { closedLoop, type LoopResult, refuseFailure, type Until } from './closed-loop.ts';
import { stampedText } from './stamp.ts';

export interface SendInput {
  port: number;
  rid: string;
  senders: readonly Credentials[];
}

/** `chat.sendMessage` as fast as it is acknowledged, one message of each sender at a time. */
export function sendMessages({ port, rid, senders, ...until }: SendInput & Until): Promise<LoopResult> {
  return closedLoop(port, senders, until, async (connection, sender) => {
    const message = { rid, msg: stampedText() };
    refuseFailure(await connection.post('/api/v1/chat.sendMessage', { message }, sender));
  });
}

/** `chat.sendMessage` at a fixed rate, whether the last one was answered or not. Returns how many were sent. */
export async function sendPaced({
  port,
  rid,
  senders,
  perSecond,
  ms,
}: SendInput & { perSecond: number; ms: number }): Promise<number> {
  const connections = await Promise.all(senders.map(() => HttpConnection.open(port)));
  const started = performance.now();
  const count = Math.floor((ms / 1000) * perSecond);
  const answers: Promise<void>[] = [];
  try {
    for (let sent = 0; sent < count; sent += 1) {
      await sleep(started + (sent * 1000) / perSecond - performance.now());
      const connection = connections[sent % connections.length];
      const sender = senders[sent % senders.length];
      const message = { rid, msg: stampedText() };
      if (connection)
        answers.push(connection.post('/api/v1/chat.sendMessage', { message }, sender).then(refuseFailure));
    }
    await Promise.all(answers);
    return count;
  } finally {
    for (const connection of connections) connection.close();
  }
}
