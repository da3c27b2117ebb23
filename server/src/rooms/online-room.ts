import type { NotificationWishes } from './notification-wishes.ts';

/** The connected members of one room. */
export class OnlineRoom {
  readonly rid: string;
  /** How they want to be told of messages, of those who ever said. */
  readonly wishes = new Map<string, NotificationWishes>();
  /**
   * For each the `_updatedAt` (ms) of the newest membership document that was sent; as `-1 - ms` where nothing unread was told
   * since they last read. One number says both, because everybody is in many rooms: a set beside it would be half as large again.
   */
  readonly #members = new Map<string, number>();
  /** How many were told of nothing unread. In a busy room few, mostly none, so that a message costs nothing here. */
  #unalerted = 0;

  constructor(rid: string) {
    this.rid = rid;
  }

  get size(): number {
    return this.#members.size;
  }

  members(): Iterable<string> {
    return this.#members.keys();
  }

  has(uid: string): boolean {
    return this.#members.has(uid);
  }

  set(uid: string, { sentAt, alert }: { sentAt: number; alert: boolean }): void {
    this.#count(uid, -1);
    this.#members.set(uid, alert ? sentAt : -1 - sentAt);
    this.#count(uid, 1);
  }

  delete(uid: string): void {
    this.#count(uid, -1);
    this.#members.delete(uid);
  }

  /** False for a document older than one that was sent, or when the member has left. */
  maySend(uid: string, updatedAt: number): boolean {
    const state = this.#members.get(uid);
    if (state === undefined || updatedAt < sentAt(state)) return false;
    this.#members.set(uid, state < 0 ? -1 - updatedAt : updatedAt);
    return true;
  }

  /** Those who were told of nothing unread; they count as told afterwards. */
  takeUnalerted(except: ReadonlySet<string>): string[] {
    if (this.#unalerted === 0) return [];
    const taken: string[] = [];
    for (const [uid, state] of this.#members) {
      if (state >= 0 || except.has(uid)) continue;
      this.#members.set(uid, sentAt(state));
      taken.push(uid);
    }
    this.#unalerted -= taken.length;
    return taken;
  }

  #count(uid: string, by: 1 | -1): void {
    if ((this.#members.get(uid) ?? 0) < 0) this.#unalerted += by;
  }
}

const sentAt = (state: number): number => (state < 0 ? -1 - state : state);
