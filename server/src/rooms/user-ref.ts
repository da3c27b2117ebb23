import type { Caller, UserRef } from '../kernel/caller.ts';

/** The `u` member for something the caller does. Callers without a username never reach room operations. */
export function callerRef(caller: Caller): UserRef {
  return { _id: caller.uid, username: caller.username ?? '', ...(caller.name ? { name: caller.name } : {}) };
}

/** Only the members of `u`, whatever else the object carries. */
export function userRef(user: { _id: string; username?: string | null; name?: string | null }): UserRef {
  return { _id: user._id, username: user.username ?? '', ...(user.name ? { name: user.name } : {}) };
}
