import { storeNewUser } from '../../../server/src/accounts/change-user.ts';
import { newUser } from '../../../server/src/accounts/new-user.ts';
import { insertToken } from '../../../server/src/accounts/tokens.store.ts';
import { createServer } from '../../../server/src/app.ts';
import { testConfig } from '../../../server/src/config/defaults.ts';
import type { Context } from '../../../server/src/context.ts';
import type { Caller } from '../../../server/src/kernel/caller.ts';
import { hashToken, newId, newToken } from '../../../server/src/kernel/ids.ts';
import type { WireMessage } from '../../../server/src/messages/message.ts';
import { insertMessage } from '../../../server/src/messages/messages.store.ts';
import { sendMessage } from '../../../server/src/messages/send-message.ts';
import { createRoom } from '../../../server/src/rooms/create-room.ts';
import { recordActivity } from '../../../server/src/rooms/rooms.store.ts';
import { type SeededUser, SIZES, type Workspace } from './workspace.ts';

const MINUTE = 60_000;
/** Rows per transaction: the time a transaction takes is the time nothing else happens. */
const BATCH = 2000;
const MARK = 'the text of the first message';
const WORDS =
  'we shall meet at noon in the small room behind the kitchen bring the plans and coffee please'.split(' ');

/**
 * Fills an empty directory with the workspace of `workspace.ts`. Rooms and one message come about through the server's own
 * operations; users and the other messages are written by its stores, many to a transaction, with the documents that the
 * operations make.
 */
export async function seedWorkspace({ dir }: { dir: string }): Promise<Workspace> {
  const admin = { username: 'root', password: 'root-password', email: 'root@example.com', name: 'Root' };
  const server = await createServer(testConfig({ memory: false, dataDir: dir, testMode: true, admin }));
  try {
    const { ctx } = server;
    const people = await addUsers(ctx, 'person', SIZES.people, true);
    const outsiders = await addUsers(ctx, 'outsider', SIZES.outsiders, true);
    const crowd = await addUsers(ctx, 'crowd', SIZES.crowd - SIZES.people, false);
    const caller = callerOf(people[0]);
    const channel = async (name: string, users: readonly SeededUser[]) => {
      const members = users.map(({ username }) => username);
      return (await createRoom(ctx, caller, { type: 'c', name, members })).id;
    };
    const town = await channel('town', people);
    const city = await channel('city', [...people, ...crowd]);
    for (let side = 0; side < SIZES.sideChannels; side += 1) await channel(`side-${side}`, people);
    const archive = await channel('archive', people);
    const { from, to } = await fillArchive(ctx, caller, archive, people);
    return { people, outsiders, town, city, archive, from, to };
  } finally {
    await server.close();
  }
}

/** An empty PostgreSQL database gets some people and a channel with all of them. */
export async function seedSmallWorkspace({
  databaseUrl,
  people: count,
}: {
  databaseUrl: string;
  people: number;
}): Promise<Pick<Workspace, 'people' | 'town'>> {
  const admin = { username: 'root', password: 'root-password', email: 'root@example.com', name: 'Root' };
  const server = await createServer(testConfig({ memory: true, databaseUrl, testMode: true, admin }));
  try {
    const people = await addUsers(server.ctx, 'person', count, true);
    const members = people.map(({ username }) => username);
    const { id } = await createRoom(server.ctx, callerOf(people[0]), { type: 'c', name: 'town', members });
    return { people, town: id };
  } finally {
    await server.close();
  }
}

/** People with the role `user`, many to a transaction. */
export async function addUsers(
  ctx: Context,
  prefix: string,
  count: number,
  withToken: boolean,
): Promise<SeededUser[]> {
  const added: SeededUser[] = [];
  while (added.length < count) {
    await ctx.write(async (tx, emit) => {
      for (let left = Math.min(BATCH, count - added.length); left > 0; left -= 1) {
        const username = `${prefix}${added.length}`;
        const emails = [{ address: `${username}@example.com`, verified: true }];
        const user = newUser(ctx, { username, name: `Name of ${username}`, emails, roles: ['user'] });
        await storeNewUser(tx, emit, user, undefined);
        const token = withToken ? newToken() : '';
        if (withToken) await insertToken(tx, tokenRow(user._id, token, ctx.clock.now()));
        added.push({ uid: user._id, username, token });
      }
    });
  }
  return added;
}

function tokenRow(uid: string, token: string, at: number) {
  return {
    hash: hashToken(token),
    uid,
    kind: 'session',
    created_at: at,
    name: null,
    last_part: null,
    bypass_two_factor: 0,
    two_factor_until: null,
    two_factor_client: null,
    ...{ session_id: null, ip: null, device_name: null, os_name: null, device: null },
    ...{ sign_on_key: null, sign_on: null },
  };
}

export function callerOf(user: SeededUser | undefined): Caller {
  if (!user) throw new Error('the workspace has no people');
  const { uid, username } = user;
  return {
    uid,
    username,
    name: `Name of ${username}`,
    roles: ['user'],
    tokenHash: undefined,
    bypassTwoFactor: false,
    ip: '127.0.0.1',
    userAgent: 'gantry-bench',
  };
}

/** One message a minute, the last one now. */
async function fillArchive(
  ctx: Context,
  caller: Caller,
  rid: string,
  people: readonly SeededUser[],
): Promise<{ from: number; to: number }> {
  const { message: sample } = await sendMessage(ctx, caller, { rid, msg: MARK });
  const to = sample.ts.getTime() - MINUTE;
  const from = to - SIZES.messages * MINUTE;
  for (let stored = 0; stored < SIZES.messages; stored += BATCH) {
    await ctx.write(async (tx) => {
      for (let index = stored; index < stored + BATCH; index += 1) {
        const author = people[index % people.length];
        if (author) await insertMessage(tx, copyOf(sample, author, textOf(index), from + index * MINUTE));
      }
      await recordActivity(tx, rid, ctx.clock.stamp(), { messages: BATCH, members: 0 });
    });
  }
  return { from, to };
}

/** The sample with another author, text and time; whatever the pipeline made of its text is replaced too. */
export function copyOf(
  sample: WireMessage,
  { uid, username }: SeededUser,
  text: string,
  ts: number,
): WireMessage {
  const message = JSON.parse(JSON.stringify(sample).replaceAll(sample.msg, text)) as WireMessage;
  const at = new Date(ts);
  const u = { _id: uid, username, name: `Name of ${username}` };
  return { ...message, _id: newId(), u, ts: at, _updatedAt: at };
}

/** About 80 characters. */
function textOf(index: number): string {
  const text = Array.from(
    { length: 16 },
    (_, word) => WORDS[(index * 7 + word * (1 + (index % 5))) % WORDS.length],
  );
  return `${index} ${text.join(' ')}`.slice(0, 80).trimEnd();
}
