/** The one source of time, in milliseconds since the epoch. */
export interface Clock {
  /** The current time in ms; may return the same value twice. For expiry, rates and the like. */
  now(): number;
  /**
   * A time in ms for `ts` and `_updatedAt`: clients synchronize with "changed since", so two writes that one client may
   * look at together must never carry the same stamp (spec 41 §14.10). Without `room` it was never returned before by this
   * clock. With `room` it may equal a stamp of another room, but none of the same room and none without a room.
   *
   * Stamps that must all differ run ahead of the time when more than a thousand a second are asked for; those of rooms do
   * so only when a single room is that busy.
   */
  stamp(room?: string): number;
  /** The newest stamp that was given, 0 before the first. */
  newestStamp(): number;
  /** Stamps that are given from now on are newer than this one, which another process gave. */
  raise(stamp: number): void;
}

/** Beyond this many rooms, those whose last stamp has passed are forgotten. */
const REMEMBERED_ROOMS = 1000;

export function systemClock(now: () => number = Date.now): Clock {
  let lastOfAll = 0;
  let newest = 0;
  const lastOfRoom = new Map<string, number>();

  function stampOf(room: string): number {
    const time = now();
    const stamp = Math.max(time, lastOfAll + 1, (lastOfRoom.get(room) ?? 0) + 1);
    if (lastOfRoom.size > REMEMBERED_ROOMS && !lastOfRoom.has(room)) {
      for (const [other, last] of lastOfRoom) if (last < time) lastOfRoom.delete(other);
    }
    lastOfRoom.set(room, stamp);
    newest = Math.max(newest, stamp);
    return stamp;
  }

  return {
    now,
    stamp(room) {
      if (room !== undefined) return stampOf(room);
      lastOfAll = Math.max(now(), newest + 1);
      newest = lastOfAll;
      return lastOfAll;
    },
    newestStamp: () => newest,
    raise(stamp) {
      if (stamp <= newest) return;
      newest = stamp;
      lastOfAll = stamp;
    },
  };
}
