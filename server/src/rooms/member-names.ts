import type { Context } from '../context.ts';
import { RawJson } from '../kernel/raw-json.ts';
import { usernamesInRoom } from './member-lists.store.ts';
import type { MembershipChanged } from './rooms.events.ts';

/** What doors need of it. */
export type NamesOfMembers = Pick<MemberNames, 'of'>;

/** So many names are kept over all rooms; those of the room that was asked for longest ago go first. */
const MAX_NAMES = 100_000;
/** A change makes one chunk of this size anew, not the text of all members. */
const CHUNK = 256;

/** Consecutive members with their names as JSON text, and all of these as one text while nothing changes. */
interface Chunk {
  names: Map<string, string>;
  text: string | undefined;
}

interface KnownRoom {
  chunks: Chunk[];
  chunkOf: Map<string, Chunk>;
}

/**
 * The names of a room's members, in join order, for the answer of `channels.leave` (spec 10 §2.1). With 10,000 members the
 * query takes longer than everything else that leaving does, so the names of rooms that people leave are kept, followed
 * by the events of memberships and renamed users. What is kept is bounded and can be asked for again at any time.
 */
export class MemberNames {
  readonly #ctx: Pick<Context, 'db'>;
  /** The least recently asked for first. */
  readonly #rooms = new Map<string, KnownRoom>();
  /** Rooms that are being read, with whether something changed meanwhile. */
  readonly #reading = new Map<string, { changed: boolean }>();
  #names = 0;

  constructor(ctx: Pick<Context, 'db' | 'events'>) {
    this.#ctx = ctx;
    ctx.events.on('membership.changed', (event) => this.#follow(event));
    ctx.events.on('user.changed', ({ uid, diff, unset }) => {
      if ('username' in diff || 'username' in unset) this.#forgetRoomsOf(uid);
    });
    ctx.events.on('user.deleted', ({ uid }) => this.#forgetRoomsOf(uid));
  }

  /** A list of names as JSON. */
  async of(rid: string): Promise<RawJson> {
    const room = this.#touched(rid) ?? (await this.#read(rid));
    return RawJson.list(room.chunks.map(textOf));
  }

  #touched(rid: string): KnownRoom | undefined {
    const room = this.#rooms.get(rid);
    if (!room) return undefined;
    this.#rooms.delete(rid);
    this.#rooms.set(rid, room);
    return room;
  }

  async #read(rid: string): Promise<KnownRoom> {
    const reading = this.#reading.get(rid) ?? { changed: false };
    this.#reading.set(rid, reading);
    const room = roomOf(await usernamesInRoom(this.#ctx.db, rid));
    if (this.#reading.get(rid) === reading) this.#reading.delete(rid);
    // What was read may be older than an event that came meanwhile: good for this answer, but not to be followed on.
    if (!reading.changed) this.#keep(rid, room);
    return room;
  }

  #keep(rid: string, room: KnownRoom): void {
    if (this.#rooms.has(rid) || room.chunkOf.size > MAX_NAMES) return;
    this.#rooms.set(rid, room);
    this.#names += room.chunkOf.size;
    for (const oldest of this.#rooms.keys()) {
      if (this.#names <= MAX_NAMES) return;
      this.#forget(oldest);
    }
  }

  #follow({ action, rid, uid, subscription }: MembershipChanged): void {
    const reading = this.#reading.get(rid);
    // Any change: an update may end an invitation or a ban.
    if (reading) {
      reading.changed = true;
      this.#reading.delete(rid);
    }
    const room = this.#rooms.get(rid);
    if (!room) return;
    const isMember = action !== 'removed' && !subscription.status;
    if (isMember === room.chunkOf.has(uid)) return;
    if (!isMember) this.#remove(room, uid);
    else if (action === 'inserted') this.#add(room, uid, subscription.u.username);
    // Somebody who was invited or banned is a member now, and not the last who came.
    else this.#forget(rid);
  }

  #add(room: KnownRoom, uid: string, username: string): void {
    append(room, uid, username);
    this.#names += 1;
  }

  #remove(room: KnownRoom, uid: string): void {
    const chunk = room.chunkOf.get(uid);
    if (!chunk) return;
    room.chunkOf.delete(uid);
    chunk.names.delete(uid);
    chunk.text = undefined;
    if (chunk.names.size === 0) room.chunks.splice(room.chunks.indexOf(chunk), 1);
    this.#names -= 1;
  }

  #forgetRoomsOf(uid: string): void {
    for (const [rid, room] of this.#rooms) if (room.chunkOf.has(uid)) this.#forget(rid);
    for (const reading of this.#reading.values()) reading.changed = true;
    this.#reading.clear();
  }

  #forget(rid: string): void {
    const room = this.#rooms.get(rid);
    if (!room) return;
    this.#rooms.delete(rid);
    this.#names -= room.chunkOf.size;
  }
}

function roomOf(members: readonly { uid: string; username: string }[]): KnownRoom {
  const room: KnownRoom = { chunks: [], chunkOf: new Map() };
  for (const { uid, username } of members) append(room, uid, username);
  return room;
}

function append(room: KnownRoom, uid: string, username: string): void {
  let chunk = room.chunks.at(-1);
  if (!chunk || chunk.names.size >= CHUNK) {
    chunk = { names: new Map(), text: undefined };
    room.chunks.push(chunk);
  }
  chunk.names.set(uid, JSON.stringify(username));
  chunk.text = undefined;
  room.chunkOf.set(uid, chunk);
}

function textOf(chunk: Chunk): string {
  chunk.text ??= [...chunk.names.values()].join(',');
  return chunk.text;
}
