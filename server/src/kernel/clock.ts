/** The one source of time. Milliseconds since the epoch, strictly increasing within a process. */
export interface Clock {
  /** The current time in ms; may return the same value twice. For expiry, rates and the like. */
  now(): number;
  /**
   * A time in ms that was never returned before by this clock. For `ts` and `_updatedAt`: clients synchronize with
   * "changed since", so two writes must never carry the same stamp (spec 41 §14.10).
   */
  stamp(): number;
}

export function systemClock(now: () => number = Date.now): Clock {
  let last = 0;
  return {
    now,
    stamp() {
      last = Math.max(now(), last + 1);
      return last;
    },
  };
}
