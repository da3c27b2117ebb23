import { expect } from 'vitest';
import type { DdpClient, Frame } from '../support/ddp-client.ts';
import type { Person } from '../support/server.ts';
import { applyFrame, type ClientState, type Documents } from './client-state.ts';
import { fetchRoom, fetchState } from './fetch-state.ts';

/** A client in the sense of these tests: it knows a state, and can be held against a fresh start. */
export interface ModelClient {
  readonly person: Person;
  /** Shows a room on the screen: its messages are followed from now on. */
  open(rid: string): Promise<void>;
  /** Takes in what happened and fails where the state differs from what a fresh start fetches. */
  expectInStep(): Promise<void>;
}

/** How often a comparison is repeated: documents that a message changed for many are read and sent after its event. */
const ROUNDS = 20;

async function expectSame(client: {
  state: ClientState;
  catchUp(): Promise<void>;
  fetch(): Promise<ClientState>;
}): Promise<void> {
  let known: object = {};
  let fresh: object = {};
  for (let round = 0; round < ROUNDS; round++) {
    const fetched = await client.fetch();
    await client.catchUp();
    [known, fresh] = [comparable(client.state), comparable(fetched)];
    if (JSON.stringify(known) === JSON.stringify(fresh)) return;
  }
  expect(known).toEqual(fresh);
}

/** A client that stays connected and lives on events alone. */
export class OnlineClient implements ModelClient {
  readonly person: Person;
  readonly socket: DdpClient;
  readonly state: ClientState;
  readonly #watched: readonly string[];
  #applied = 0;

  private constructor(person: Person, socket: DdpClient, state: ClientState, watched: readonly string[]) {
    this.person = person;
    this.socket = socket;
    this.state = state;
    this.#watched = watched;
  }

  /** Subscribes as the apps do (spec 41 §2.3, §3.2), then fetches; `watched` are the people on its screen. */
  static async start(person: Person, watched: readonly string[]): Promise<OnlineClient> {
    const socket = await person.ddp();
    const { uid } = person;
    await Promise.all([
      ...['subscriptions-changed', 'rooms-changed', 'userData'].map((event) =>
        socket.subscribe('stream-notify-user', `${uid}/${event}`),
      ),
      ...['permissions-changed', 'roles-change', 'Users:NameChanged', 'Users:Deleted'].map((event) =>
        socket.subscribe('stream-notify-logged', event),
      ),
      socket.subscribe('stream-notify-all', 'public-settings-changed'),
      socket.subscribe('stream-roles', 'roles'),
      socket.subscribe('stream-user-presence', '', { added: watched }),
    ]);
    const state = await fetchState(person, { rids: [], watched });
    return new OnlineClient(person, socket, state, watched);
  }

  async open(rid: string): Promise<void> {
    await Promise.all([
      this.socket.subscribe('stream-room-messages', rid),
      this.socket.subscribe('stream-notify-room', `${rid}/deleteMessage`),
      this.socket.subscribe('stream-notify-room', `${rid}/deleteMessageBulk`),
    ]);
    const room = await fetchRoom(this.person, rid);
    if (!room) throw new Error(`${this.person.username} may not read ${rid}`);
    this.state.messages.set(rid, room.messages);
    this.state.roomRoles.set(rid, room.roles);
  }

  /** The room leaves the screen. */
  close(rid: string): void {
    this.state.messages.delete(rid);
    this.state.roomRoles.delete(rid);
  }

  expectInStep(): Promise<void> {
    return expectSame({
      state: this.state,
      catchUp: () => this.catchUp(),
      fetch: async () => {
        const rids = [...this.state.messages.keys()];
        const fresh = await fetchState(this.person, { rids, watched: this.#watched });
        await this.catchUp();
        for (const rid of rids) if (!fresh.messages.has(rid)) this.#expectShutOut(rid);
        return fresh;
      },
    });
  }

  /** Nobody without a membership is told that a room became unreadable: a client finds it gone. */
  #expectShutOut(rid: string): void {
    expect([...this.state.subscriptions.values()].map((subscription) => subscription.rid)).not.toContain(rid);
    this.close(rid);
  }

  /** Applies every event that was sent up to now. */
  async catchUp(): Promise<void> {
    await this.socket.barrier();
    const { frames } = this.socket;
    while (this.#applied < frames.length) {
      applyFrame(this.state, this.person.uid, frames[this.#applied] as Frame);
      this.#applied++;
    }
  }
}

/**
 * A client that is away all the time and, whenever it is looked at, comes back and asks for what changed since it last
 * asked (spec 41 §14.10): the deltas must lead to the same state as the events.
 */
export class ReturningClient implements ModelClient {
  readonly person: Person;
  readonly state: ClientState;
  /** When it last asked, by the clock of this machine, which is the server's. */
  #since: number;

  private constructor(person: Person, state: ClientState, since: number) {
    this.person = person;
    this.state = state;
    this.#since = since;
  }

  static async start(person: Person): Promise<ReturningClient> {
    const since = Date.now();
    return new ReturningClient(person, await fetchState(person, { rids: [], watched: [] }), since);
  }

  async open(rid: string): Promise<void> {
    const room = await fetchRoom(this.person, rid);
    if (!room) throw new Error(`${this.person.username} may not read ${rid}`);
    this.state.messages.set(rid, room.messages);
  }

  expectInStep(): Promise<void> {
    return expectSame({
      state: this.state,
      catchUp: () => this.catchUp(),
      fetch: async () => {
        const fresh = await fetchState(this.person, { rids: this.state.messages.keys(), watched: [] });
        // What has no delta is fetched anew by every client that comes back.
        const { roomRoles, userRoles, settings, presence, me, account } = fresh;
        Object.assign(this.state, { roomRoles, userRoles, settings, presence, me, account });
        return fresh;
      },
    });
  }

  async catchUp(): Promise<void> {
    const { person, state } = this;
    const updatedSince = new Date(this.#since).toISOString();
    const since = Date.now();
    const [subscriptions, rooms, permissions, roles] = await Promise.all([
      person.get('subscriptions.get', { updatedSince }),
      person.get('rooms.get', { updatedSince }),
      person.get('permissions.listAll', { updatedSince }),
      person.get('roles.sync', { updatedSince }),
    ]);
    merge(state.rooms, rooms.body);
    merge(state.permissions, permissions.body);
    merge(state.roles, roles.body.roles);
    merge(state.subscriptions, subscriptions.body);
    const joined = new Set([...state.subscriptions.values()].map(({ rid }) => rid));
    // A room goes with the subscription to it.
    for (const rid of state.rooms.keys()) if (!joined.has(rid)) state.rooms.delete(rid);
    for (const [rid, messages] of state.messages) {
      if (joined.has(rid)) await this.#catchUpIn(rid, messages, updatedSince);
      else state.messages.delete(rid);
    }
    this.#since = since;
  }

  async #catchUpIn(rid: string, messages: Documents, lastUpdate: string): Promise<void> {
    const { body } = await this.person.get('chat.syncMessages', { roomId: rid, lastUpdate });
    for (const message of body.result.updated) messages.set(message._id, message);
    for (const { _id } of body.result.deleted) messages.delete(_id);
  }
}

function merge(documents: Documents, { update, remove }: Frame): void {
  for (const document of update) documents.set(document._id, document);
  for (const { _id } of remove) documents.delete(_id);
}

/** The state as plain data in one order. */
function comparable(state: ClientState): object {
  const { me, account, ...rest } = state;
  const parts = Object.fromEntries(Object.entries(rest).map(([name, part]) => [name, plain(part)]));
  // The mark of an ordinary message on every membership is derived, and told only to whom it alerts.
  for (const subscription of Object.values(parts.subscriptions as Record<string, Frame>)) {
    delete subscription._updatedAt;
  }
  // The list says when a role changed, its event does not.
  for (const role of Object.values(parts.roles as Record<string, Frame>)) delete role._updatedAt;
  return { ...parts, me: plain(withoutDerived(me)), account: plain(account) };
}

/** `me` is made for its reader; these members follow from others, or are not in it at all (spec 20, "Entity Me"). */
function withoutDerived({ email, avatarUrl, lastLogin, services, success, ...me }: Frame): Frame {
  return me;
}

function plain(value: unknown): unknown {
  if (value instanceof Map) return plain(Object.fromEntries(value));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, plain(inner)]));
}
