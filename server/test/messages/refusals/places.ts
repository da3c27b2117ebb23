import { sql } from 'kysely';
import { expect } from 'vitest';
import { insertWebdavAccount } from '../../../src/webdav/accounts.store.ts';
import { uploadFile } from '../../support/files.ts';
import { type RoomWorld, withPermission } from '../../support/rooms.ts';
import type { Given } from './row.ts';

/** What the rows of the tables are about: rooms and messages in every state in which something is refused. */

export type Places = Readonly<Record<string, string>>;

export async function preparePlaces(world: RoomWorld): Promise<Places> {
  const { server, admin, alice, bob, carol } = world;
  const made = async (person: typeof alice, path: string, body: object) => {
    const answer = await person.post(path, body);
    expect(answer).toMatchObject({ status: 200 });
    return answer.body;
  };
  const say = async (person: typeof alice, rid: string, msg: string, more: object = {}) =>
    (await made(person, 'chat.sendMessage', { message: { rid, msg, ...more } })).message._id as string;

  const channel = await world.channel([bob]);
  const group = await world.group();
  const [readonly, archived, silent, banned] = [
    await world.channel([bob]),
    await world.channel([bob]),
    await world.channel([bob]),
    await world.channel([bob]),
  ];
  const encrypted = await world.group([bob], { extraData: { encrypted: true } });
  const direct = (await made(alice, 'im.create', { username: 'bob' })).room._id;
  const blocked = (await made(alice, 'im.create', { username: 'carol' })).room._id;
  const leaver = await server.person('leaver');
  await made(alice, 'channels.invite', { roomId: channel._id, userId: leaver.uid });

  const places: Record<string, string> = {
    ...{ channel: channel._id, channelName: channel.name, group: group._id, groupName: group.name },
    ...{ readonly: readonly._id, archived: archived._id, silent: silent._id, banned: banned._id },
    ...{ bannedName: banned.name, archivedName: archived.name, encrypted: encrypted._id, direct, blocked },
    ...{ alice: alice.uid, bob: bob.uid, carol: carol.uid, admin: admin.uid },
    message: await say(alice, channel._id, 'of alice'),
    ofBob: await say(bob, channel._id, 'of bob'),
    secret: await say(alice, group._id, 'secret'),
    direct1: await say(alice, direct, 'between two'),
    ofBobReadonly: await say(bob, readonly._id, 'of bob'),
    ofBobArchived: await say(bob, archived._id, 'of bob'),
    ofBobSilent: await say(bob, silent._id, 'of bob'),
    ofCarolBlocked: await say(carol, blocked, 'of carol'),
    orphan: await say(leaver, channel._id, 'of somebody who left'),
    gone: await say(alice, channel._id, 'to be removed'),
    pinned: await say(alice, channel._id, 'pinned'),
  };
  places.reply = await say(bob, channel._id, 'reply', { tmid: places.message });
  places.otherReply = await say(bob, channel._id, 'reply', { tmid: places.ofBob });
  const file = await uploadFile(server, alice, group._id, { name: 'a.txt', type: 'text/plain', bytes: 'a' });
  await made(alice, `rooms.mediaConfirm/${group._id}/${file._id}`, {});
  places.secretFile = file._id;

  await made(alice, 'e2e.setRoomKeyID', { rid: encrypted._id, keyID: 'first' });
  await made(bob, 'e2e.setUserPublicAndPrivateKeys', { public_key: 'public', private_key: 'private' });
  Object.assign(places, await prepareWebhooks(world, channel.name));
  places.webdav = 'webdavOfAlice';
  const login = { serverUrl: 'http://127.0.0.1:1/', username: 'alice', password: 'of alice' };
  await server.server.ctx.write((tx) =>
    insertWebdavAccount(tx, { ...login, id: 'webdavOfAlice', uid: alice.uid, name: '', createdAt: 0 }),
  );

  await made(alice, 'channels.setReadOnly', { roomId: readonly._id, readOnly: true });
  await made(alice, 'channels.archive', { roomId: archived._id });
  await made(alice, 'rooms.muteUser', { roomId: silent._id, username: 'bob' });
  await made(alice, 'im.blockUser', { roomId: blocked, block: true });
  await made(alice, 'rooms.banUser', { roomId: banned._id, userId: bob.uid });
  await world.withSettings({ Message_ShowDeletedStatus: true }, async () => {
    await made(alice, 'chat.delete', { roomId: channel._id, msgId: places.gone });
  });
  await world.withSettings({ Message_ErasureType: 'Keep' }, async () => {
    await made(admin, 'users.delete', { userId: leaver.uid });
  });
  return places;
}

async function prepareWebhooks({ server, admin }: RoomWorld, channelName: string): Promise<Places> {
  const create = async (more: object) => {
    const common = { channel: `#${channelName}`, scriptEnabled: false, name: 'hook', enabled: true };
    const body = { type: 'webhook-incoming', username: 'bot-of-hooks', ...common, ...more };
    const answer = await admin.post('integrations.create', body);
    expect(answer).toMatchObject({ status: 200 });
    return answer.body.integration as { _id: string; token: string };
  };
  const script = (returned: string) => ({
    scriptEnabled: true,
    script: `class Script { process_incoming_request() { ${returned} } }`,
  });
  const bot = await server.person('bot-of-hooks');
  expect(await bot.post('channels.join', { roomName: channelName })).toMatchObject({ status: 200 });
  const former = await server.person('former-bot');
  const hooks = {
    hook: await create({}),
    hookOff: await create({ enabled: false }),
    hookAnywhere: await create({ overrideDestinationChannelEnabled: true }),
    hookOfNobody: await create({ username: 'former-bot' }),
    hookFailing: await create(script('throw new Error("x")')),
    hookRefusing: await create(script('return { error: { success: false, message: "no" } }')),
    outgoing: await create({
      ...{ type: 'webhook-outgoing', event: 'sendMessage', enabled: false },
      urls: ['https://example.org/known'],
    }),
  };
  expect(await admin.post('users.delete', { userId: former.uid })).toMatchObject({ status: 200 });
  const entries = Object.entries(hooks).flatMap(([name, { _id, token }]) => [
    [name, _id] as const,
    [`${name}Token`, token] as const,
  ]);
  return Object.fromEntries(entries);
}

/** The value with every `$name` in its texts replaced. */
export function filled<T>(value: T, places: Places): T {
  if (typeof value === 'string') {
    return value.replace(/\$([a-zA-Z]\w*)/g, (text, name: string) => places[name] ?? text) as T;
  }
  if (Array.isArray(value)) return value.map((one) => filled(one, places)) as T;
  if (typeof value !== 'object' || value === null || 'asymmetricMatch' in value) return value;
  const members = Object.entries(value).map(([key, one]) => [filled(key, places), filled(one, places)]);
  return Object.fromEntries(members) as T;
}

export async function under(world: RoomWorld, given: Given | undefined, work: () => Promise<void>) {
  const [permission, ...others] = Object.entries(given?.permissions ?? {});
  if (permission) {
    const rest = { ...given, permissions: Object.fromEntries(others) };
    await withPermission(world, ...permission, () => under(world, rest, work));
  } else await world.withSettings(given?.settings ?? {}, work);
}

/** Refusals leave these as they were. Tables of who is logged in, and of limits, are none of them. */
const KEPT = [
  ...['messages', 'tombstones', 'rooms', 'subscriptions', 'room_roles', 'message_stars', 'message_mentions'],
  ...['thread_followers', 'discussions', 'files', 'integrations', 'integration_history', 'e2e_keys', 'jobs'],
  ...['reports', 'user_roles', 'webdav_accounts'],
];

/** Everything that a refused call may not change. */
export async function stateOf({ server }: RoomWorld): Promise<Record<string, string>> {
  const { db } = server.server.ctx;
  const rows = async (name: string) => {
    const found = await sql`select * from ${sql.table(name)}`.execute(db);
    return [name, JSON.stringify(found.rows)] as const;
  };
  return Object.fromEntries(await Promise.all(KEPT.map(rows)));
}

/** The names of the tables that are not as they were: whole tables are no text that anybody reads. */
export async function changedSince(before: Record<string, string>, world: RoomWorld): Promise<string[]> {
  const now = await stateOf(world);
  return KEPT.filter((name) => now[name] !== before[name]);
}
