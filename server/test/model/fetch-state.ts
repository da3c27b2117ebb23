import { expect } from 'vitest';
import type { Frame } from '../support/ddp-client.ts';
import type { Person } from '../support/server.ts';
import {
  byId,
  type ClientState,
  type Documents,
  plainDates,
  presenceOf,
  STATUS_CODES,
  withOwnStars,
} from './client-state.ts';

/** What a client asks for when it starts, over REST and the bridge for methods. */
export async function fetchState(
  person: Person,
  wanted: { rids: Iterable<string>; watched: readonly string[] },
): Promise<ClientState> {
  const [subscriptions, rooms, permissions, settings, roles, publicRoles, me, presence, opened] =
    await Promise.all([
      person.get('subscriptions.get'),
      person.get('rooms.get'),
      person.get('permissions.listAll'),
      callMethod(person, 'public-settings/get'),
      person.get('roles.list'),
      person.get('roles.getUsersInPublicRoles'),
      person.get('me'),
      person.get('users.presence', { ids: wanted.watched }),
      Promise.all([...wanted.rids].map((rid) => fetchRoom(person, rid))),
    ]);
  const open = opened.filter((room) => room !== undefined);
  return {
    subscriptions: byId(subscriptions.body.update),
    rooms: byId(rooms.body.update),
    messages: new Map(open.map(({ rid, messages }) => [rid, messages])),
    roomRoles: new Map(open.map(({ rid, roles: held }) => [rid, held])),
    presence: new Map(presence.body.users.map((user: Frame) => [user._id, presenceTuple(user)])),
    permissions: byId(permissions.body.update),
    settings: byId(settings),
    roles: byId(roles.body.roles),
    userRoles: holders(publicRoles.body.users, (user) => user._id),
    me: me.body,
    account: { _id: me.body._id, username: me.body.username, emails: me.body.emails },
  };
}

const presenceTuple = ({ username, status, statusText }: Frame) =>
  presenceOf(username, STATUS_CODES[status], statusText);

const holders = (entries: readonly Frame[], uidOf: (entry: Frame) => string): Map<string, string[]> =>
  new Map(entries.map((entry) => [uidOf(entry), [...entry.roles].sort()]));

export interface OpenRoom {
  rid: string;
  messages: Documents;
  roles: Map<string, string[]>;
}

/** The room as it is opened: its history and its role holders; undefined when it may not be read. */
export async function fetchRoom(person: Person, rid: string): Promise<OpenRoom | undefined> {
  const [history, roles] = await Promise.all([
    callMethod(person, 'loadHistory', rid, null, 1000),
    callMethod(person, 'getRoomRoles', rid),
  ]);
  if (!history) return undefined;
  const messages = history.messages.map((message: Frame) => withOwnStars(message, person.uid));
  return { rid, messages: byId(messages), roles: holders(roles, (entry) => entry.u._id) };
}

/** Calls a DDP method by way of HTTP; undefined when it refuses. */
// biome-ignore lint/suspicious/noExplicitAny: results of any method
export async function callMethod(person: Person, method: string, ...params: unknown[]): Promise<any> {
  const message = JSON.stringify({ msg: 'method', id: '1', method, params });
  const answer = await person.post(`method.call/${method.replaceAll('/', ':')}`, { message });
  expect(answer).toMatchObject({ status: 200 });
  const { result, error } = JSON.parse(answer.body.message);
  return error ? undefined : plainDates(result);
}
