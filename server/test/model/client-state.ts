import type { Frame } from '../support/ddp-client.ts';

/**
 * What a client of the official kind keeps in memory, and how it changes it when an event arrives (spec 40 §8, 41 §2.4):
 * upsert by id, remove by id, follow dotted paths. The tests compare it with what a fresh start would have fetched: any
 * difference is a change that the server made without telling, or told wrongly.
 */
export interface ClientState {
  subscriptions: Documents;
  rooms: Documents;
  /** By room id: the messages of the rooms that are open on the screen. */
  messages: Map<string, Documents>;
  /** By room id: the described room roles of each user id, for open rooms. */
  roomRoles: Map<string, Map<string, string[]>>;
  /** By user id: the people on the screen, as `[username, status code, status text]`. */
  presence: Map<string, unknown[]>;
  permissions: Documents;
  settings: Documents;
  roles: Documents;
  /** By user id: global roles. */
  userRoles: Map<string, string[]>;
  me: Frame;
  /** The automatic document of the `users` collection (spec 40 §8.12). */
  account: Frame;
}

export type Documents = Map<string, Frame>;

export const STATUS_CODES: Readonly<Record<string, number>> = { offline: 0, online: 1, away: 2, busy: 3 };

export const byId = (documents: readonly Frame[]): Documents =>
  new Map(documents.map((document) => [document._id as string, document]));

/** Applies one frame. Frames of other kinds (answers, pongs) change nothing. */
export function applyFrame(state: ClientState, uid: string, raw: Frame): void {
  const { msg, collection, id } = raw;
  if (msg !== 'added' && msg !== 'changed' && msg !== 'removed') return;
  const { eventName = '', args = [], ...fields } = plainDates(raw.fields ?? {}) as Frame;
  if (collection === 'users') {
    state.account = msg === 'removed' ? {} : { ...state.account, _id: id, ...fields };
  } else if (msg === 'changed') {
    const [, event = eventName] = /^[^/]+\/(.+)$/.exec(eventName) ?? [];
    const rid = eventName.split('/')[0] ?? '';
    const apply = EVENTS[`${collection} ${event}`] ?? EVENTS[collection as string];
    apply?.(state, args, { uid, rid });
  }
}

interface Where {
  uid: string;
  /** What stands before the slash: a room id, a user id. */
  rid: string;
}

type Apply = (state: ClientState, args: Frame[], where: Where) => void;

/** By stream and event, or by stream alone where the event name is an id. */
const EVENTS: Readonly<Record<string, Apply>> = {
  'stream-notify-user subscriptions-changed': (state, [action, subscription = {}]) => {
    change(state.subscriptions, action, subscription);
    if (isRemoval(action)) leaveRoom(state, subscription.rid);
  },
  'stream-notify-user rooms-changed': (state, [action, room = {}], { uid }) => {
    change(state.rooms, action, withOwnStars(room, uid));
  },
  'stream-notify-user userData': (state, [event = {}]) => changeMe(state.me, event),
  'stream-room-messages': (state, [message = {}], { uid }) => {
    state.messages.get(message.rid)?.set(message._id, withOwnStars(message, uid));
  },
  'stream-notify-room deleteMessage': (state, [message = {}], { rid }) => {
    state.messages.get(rid)?.delete(message._id);
  },
  'stream-notify-room deleteMessageBulk': (state, [pruned = {}], { rid }) => {
    const messages = state.messages.get(rid) ?? new Map<string, Frame>();
    for (const [id, message] of messages) if (isPruned(message, pruned)) messages.delete(id);
  },
  'stream-user-presence': (state, [tuple], { rid: uid }) => {
    if (Array.isArray(tuple)) state.presence.set(uid, presenceOf(tuple[0], tuple[1], tuple[2]));
  },
  'stream-notify-logged permissions-changed': (state, [action, permission = {}]) =>
    change(state.permissions, action, permission),
  'stream-notify-logged roles-change': (state, [event = {}]) => changeRole(state, event),
  'stream-notify-logged Users:NameChanged': (state, [user = {}]) => {
    const known = state.presence.get(user._id);
    if (known) state.presence.set(user._id, [user.username, ...known.slice(1)]);
  },
  'stream-notify-logged Users:Deleted': (state, [event = {}]) => forgetUser(state, event),
  'stream-notify-all public-settings-changed': (state, [action, setting = {}]) =>
    change(state.settings, action, setting),
  'stream-roles roles': (state, [{ type, ...role } = {}]) => {
    change(state.roles, type, role);
    if (!isRemoval(type)) return;
    for (const [uid, roles] of state.userRoles) setRoles(state.userRoles, uid, without(roles, role._id));
  },
};

const isRemoval = (action: unknown): boolean => action === 'removed';

function change(documents: Documents, action: unknown, document: Frame): void {
  if (isRemoval(action)) documents.delete(document._id);
  else documents.set(document._id, document);
}

/** A client that is put out of a room closes it. */
function leaveRoom(state: ClientState, rid: string): void {
  state.rooms.delete(rid);
  state.messages.delete(rid);
  state.roomRoles.delete(rid);
}

/** Which messages a prune means, where it does not name them (spec 40 §8.2). */
function isPruned(message: Frame, pruned: Frame): boolean {
  if (pruned.ids) return pruned.ids.includes(message._id);
  if (pruned.excludePinned && message.pinned) return false;
  if (pruned.ignoreDiscussion && message.drid) return false;
  if (pruned.users.length > 0 && !pruned.users.includes(message.u.username)) return false;
  const { $gt, $gte, $lt, $lte } = pruned.ts as Record<string, string>;
  if ($gt !== undefined && !(message.ts > $gt)) return false;
  if ($gte !== undefined && !(message.ts >= $gte)) return false;
  if ($lt !== undefined && !(message.ts < $lt)) return false;
  return $lte === undefined || message.ts <= $lte;
}

function changeMe(me: Frame, { type, diff = {}, unset = {} }: Frame): void {
  if (type !== 'updated') return;
  for (const [path, value] of Object.entries(diff)) setPath(me, path.split('.'), value);
  for (const path of Object.keys(unset)) setPath(me, path.split('.'), undefined);
}

function setPath(target: Frame, [head = '', ...rest]: string[], value: unknown): void {
  if (rest.length > 0) {
    target[head] = { ...target[head] };
    setPath(target[head], rest, value);
  } else if (value === undefined) delete target[head];
  else target[head] = value;
}

/** Room roles carry their room; those of people who are not in an open room are not kept. */
function changeRole(state: ClientState, { type, _id: role, u, scope }: Frame): void {
  const holders = scope === undefined ? state.userRoles : state.roomRoles.get(scope);
  if (!u || !holders) return;
  const others = without(holders.get(u._id) ?? [], role);
  setRoles(holders, u._id, type === 'added' ? [...others, role].sort() : others);
}

function setRoles(holders: Map<string, string[]>, uid: string, roles: string[]): void {
  if (roles.length > 0) holders.set(uid, roles);
  else holders.delete(uid);
}

const without = (roles: readonly string[], role: string): string[] => roles.filter((held) => held !== role);

function forgetUser(state: ClientState, { userId, messageErasureType, replaceByUser }: Frame): void {
  state.presence.delete(userId);
  state.userRoles.delete(userId);
  for (const messages of state.messages.values()) {
    for (const [id, message] of messages) {
      if (message.u._id !== userId) continue;
      if (messageErasureType === 'Delete') messages.delete(id);
      else if (replaceByUser) {
        const { alias, ...u } = replaceByUser;
        messages.set(id, { ...message, u, alias });
      }
    }
  }
}

/** Events carry the stars of everybody; each reader sees the own one, also in the room's last message (spec 30 §1.1). */
export function withOwnStars(document: Frame, uid: string): Frame {
  const { lastMessage, starred } = document;
  return {
    ...document,
    ...(starred ? { starred: starred.filter((star: Frame) => star._id === uid) } : {}),
    ...(lastMessage ? { lastMessage: withOwnStars(lastMessage, uid) } : {}),
  };
}

export const presenceOf = (username: unknown, code: unknown, text: unknown): unknown[] => [
  username,
  code,
  text ?? '',
];

/** `{$date}` as REST writes it, so that what came by either way can be compared. */
export function plainDates(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainDates);
  if (typeof value !== 'object' || value === null) return value;
  const { $date } = value as { $date?: number };
  if ($date !== undefined) return new Date($date).toISOString();
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainDates(inner)]));
}
