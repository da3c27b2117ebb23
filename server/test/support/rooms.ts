import { expect } from 'vitest';
import type { ConfigChanges } from '../../src/config/defaults.ts';
import type { DdpClient, Frame } from './ddp-client.ts';
import { watchReads } from './quiet.ts';
import { type Person, startServer, type TestServer } from './server.ts';

/** A server with the usual cast, and short words for what tests of rooms do all the time. */
export interface RoomWorld {
  server: TestServer;
  admin: Person;
  alice: Person;
  bob: Person;
  carol: Person;
  /** A name that no room of this server has. */
  newName(): string;
  /** A channel of alice, who owns it, with these members. */
  channel(members?: readonly Person[], more?: object): Promise<TestRoom>;
  /** A private group of alice, who owns it, with these members. */
  group(members?: readonly Person[], more?: object): Promise<TestRoom>;
  /** Every stored message of the room, oldest first. */
  messages(rid: string): Promise<Frame[]>;
  /** Their system message types, oldest first. */
  types(rid: string): Promise<(string | undefined)[]>;
  /** The person's subscription as `subscriptions.getOne` gives it. */
  subscription(person: Person, rid: string): Promise<Frame | null>;
  /** The room as an administrator or, for groups, alice sees it. */
  room(rid: string): Promise<Frame>;
  say(person: Person, rid: string, msg: string): Promise<Frame>;
  ban(rid: string, person: Person): Promise<void>;
  /** Changes workspace settings for the time of `work`. */
  withSettings(settings: Record<string, unknown>, work: () => Promise<void>): Promise<void>;
  listen(person: Person): Promise<Listener>;
  /** Checks the invariants of the database, then stops the server. */
  close(): Promise<void>;
}

export interface TestRoom {
  _id: string;
  name: string;
  msgs: number;
  usersCount: number;
  _updatedAt: string;
}

/** A connection that hears everything a client of that person listens to. */
export interface Listener {
  socket: DdpClient;
  /** `subscriptions-changed` of one room so far, after everything sent up to now has arrived. */
  subscriptions(rid: string): Promise<[string, Frame][]>;
  rooms(rid: string): Promise<[string, Frame][]>;
  ephemeral(): Promise<Frame[]>;
  roles(rid: string): Promise<Frame[]>;
}

export async function startRoomWorld(changes: ConfigChanges = {}): Promise<RoomWorld> {
  const server = await startServer(changes);
  const [alice, bob, carol] = await Promise.all([
    server.person('alice'),
    server.person('bob'),
    server.person('carol'),
  ]);
  const { ctx } = server.server;
  let names = 0;
  const newName = () => `room-${++names}`;

  async function create(path: string, key: string, members: readonly Person[], more: object) {
    const body = { name: newName(), members: members.map((member) => member.username), ...more };
    const created = await alice.post(path, body);
    expect(created).toMatchObject({ status: 200 });
    return created.body[key] as TestRoom;
  }

  async function messages(rid: string): Promise<Frame[]> {
    const rows = await ctx.db
      .selectFrom('messages')
      .select('doc')
      .where('rid', '=', rid)
      .orderBy('ts')
      .execute();
    return rows.map((row) => JSON.parse(row.doc));
  }

  return {
    server,
    admin: server.admin,
    alice,
    bob,
    carol,
    newName,
    channel: (members = [], more = {}) => create('channels.create', 'channel', members, more),
    group: (members = [], more = {}) => create('groups.create', 'group', members, more),
    messages,
    types: async (rid) => (await messages(rid)).map((message) => message.t),
    subscription: async (person, rid) =>
      (await person.get('subscriptions.getOne', { roomId: rid })).body.subscription,
    room: async (rid) => (await alice.get('rooms.info', { roomId: rid })).body.room,
    async say(person, rid, msg) {
      const sent = await person.post('chat.sendMessage', { message: { rid, msg } });
      expect(sent).toMatchObject({ status: 200 });
      return sent.body.message;
    },
    async ban(rid, person) {
      await ctx.write(async (tx) => {
        const changed = await tx
          .updateTable('subscriptions')
          .set({ status: 'BANNED', open: 0, roles: '[]' })
          .where('rid', '=', rid)
          .where('uid', '=', person.uid)
          .executeTakeFirst();
        expect(Number(changed.numUpdatedRows)).toBe(1);
        await tx.deleteFrom('room_roles').where('rid', '=', rid).where('uid', '=', person.uid).execute();
        await tx
          .updateTable('rooms')
          .set((eb) => ({ users_count: eb('users_count', '-', 1) }))
          .where('id', '=', rid)
          .execute();
      });
    },
    async withSettings(settings, work) {
      const before = Object.keys(settings).map((id) => [id, ctx.settings.value(id)] as const);
      try {
        for (const [id, value] of Object.entries(settings)) await saveSetting(server, id, value);
        await work();
      } finally {
        for (const [id, value] of before) await saveSetting(server, id, value);
      }
    },
    listen: (person) => listen(server, person),
    close: () => server.close(),
  };
}

async function saveSetting(server: TestServer, id: string, value: unknown): Promise<void> {
  const saved = await server.admin.post(`settings/${id}`, { value });
  expect(saved).toMatchObject({ status: 200 });
}

/** Gives a permission other roles for the time of `work`. */
export async function withPermission(
  { server }: { server: TestServer },
  permission: string,
  roles: readonly string[],
  work: () => Promise<void>,
): Promise<void> {
  const before = server.server.ctx.permissions.rolesOf(permission);
  const set = async (to: readonly string[]) => {
    const body = { permissions: [{ _id: permission, roles: to }] };
    expect(await server.admin.post('permissions.update', body)).toMatchObject({ status: 200 });
  };
  await set(roles);
  try {
    await work();
  } finally {
    await set(before);
  }
}

async function listen({ server: { ctx } }: TestServer, person: Person): Promise<Listener> {
  const quiet = watchReads(ctx.db);
  const socket = await person.ddp();
  for (const event of ['subscriptions-changed', 'rooms-changed', 'message']) {
    await socket.subscribe('stream-notify-user', `${person.uid}/${event}`);
  }
  await socket.subscribe('stream-notify-logged', 'roles-change');
  async function of(event: string, belongs: (document: Frame) => boolean) {
    // A document that has to be read first is sent when the reads are over.
    await socket.barrier();
    await quiet();
    await socket.barrier();
    const all = socket.events('notify-user', `${person.uid}/${event}`) as unknown as [string, Frame][];
    return all.filter(([, document]) => belongs(document));
  }
  return {
    socket,
    subscriptions: (rid) => of('subscriptions-changed', (document) => document.rid === rid),
    rooms: (rid) => of('rooms-changed', (document) => document._id === rid),
    async ephemeral() {
      await socket.barrier();
      return socket.events('notify-user', `${person.uid}/message`).map(([message]) => message as Frame);
    },
    async roles(rid) {
      await socket.barrier();
      const all = socket.events('notify-logged', 'roles-change').map(([change]) => change as Frame);
      return all.filter((change) => change.scope === rid);
    },
  };
}

/** The body of a coded refusal (spec 00 §5.1). */
export const coded = (code: string | number, reason: string, details?: object | string) => ({
  success: false,
  error: `${reason} [${code}]`,
  errorType: code,
  ...(details ? { details } : {}),
});

export const plain = (error: string, errorType?: string) => ({
  success: false,
  error,
  ...(errorType ? { errorType } : {}),
});

export const NOT_LOGGED_IN = {
  success: false,
  status: 'error',
  error: 'You must be logged in to do this.',
  message: 'You must be logged in to do this.',
};

/** 403 of a missing route permission (spec 00 §6). */
export const NO_PERMISSION = plain(
  'User does not have the permissions required for this action [error-unauthorized]',
);

export const NO_CHANNEL = coded(
  'error-room-not-found',
  'The required "roomId" or "roomName" param provided does not match any channel',
);
export const NO_GROUP = coded(
  'error-room-not-found',
  'The required "roomId" or "roomName" param provided does not match any group',
);
export const NO_USER = coded(
  'error-invalid-user',
  'The required "userId" or "username" param provided does not match any users',
);
export const NO_USER_PARAM = coded(
  'error-user-param-not-provided',
  'The required "userId" or "username" param was not provided',
);

export const INVALID_PARAMS = {
  success: false,
  errorType: 'error-invalid-params',
  error: expect.any(String),
};

/** A date of REST. */
export const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

/** A date of DDP. */
export const EJSON_DATE = { $date: expect.any(Number) };
