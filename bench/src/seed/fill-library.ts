import { createServer } from '../../../server/src/app.ts';
import { testConfig } from '../../../server/src/config/defaults.ts';
import { insertMessage } from '../../../server/src/messages/messages.store.ts';
import { indexMessages } from '../../../server/src/messages/search/index-messages.ts';
import { sendMessage } from '../../../server/src/messages/send-message.ts';
import { createRoom } from '../../../server/src/rooms/create-room.ts';
import { callerOf, copyOf } from './seed-workspace.ts';
import type { SeededUser } from './workspace.ts';

const BATCH = 2000;
const VOCABULARY = 20_000;

/**
 * Adds a channel with so many messages of about 80 characters, whose words are as frequent as words are: the one of rank r comes
 * 1/r as often as the first. The word of a rank is `wordOf(rank)`.
 */
export async function fillLibrary({
  dir,
  people,
  messages,
}: {
  dir: string;
  people: readonly SeededUser[];
  messages: number;
}): Promise<{ rid: string }> {
  const server = await createServer(testConfig({ memory: false, dataDir: dir, testMode: true }));
  try {
    const { ctx } = server;
    const caller = callerOf(people[0]);
    const members = people.slice(0, 100).map(({ username }) => username);
    const { id: rid } = await createRoom(ctx, caller, { type: 'c', name: 'library', members });
    const { message: sample } = await sendMessage(ctx, caller, { rid, msg: 'the text of the first message' });
    const textOf = texts();
    const from = sample.ts.getTime();
    for (let stored = 0; stored < messages; stored += BATCH) {
      await ctx.write(async (tx) => {
        for (let index = stored; index < stored + BATCH; index += 1) {
          const author = people[index % 100];
          if (author) await insertMessage(tx, copyOf(sample, author, textOf(), from + index));
        }
      });
    }
    await indexMessages(ctx);
    return { rid };
  } finally {
    await server.close();
  }
}

/** Two to four syllables; different for every rank. */
export function wordOf(rank: number): string {
  const syllables = ['ba', 'de', 'fi', 'go', 'lu', 'ma', 'ne', 'po', 'ri', 'so', 'ta', 've'];
  let word = '';
  for (let rest = rank + 12; rest > 0; rest = Math.floor(rest / 12)) word += syllables[rest % 12];
  return word;
}

/** The same texts in every run. */
function texts(): () => string {
  let state = 1;
  const random = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
  return () => {
    let text = '';
    // The inverse of the sum of 1/r, near enough.
    while (text.length < 80) text += `${wordOf(Math.floor(VOCABULARY ** random()))} `;
    return text.slice(0, 80).trimEnd();
  };
}
