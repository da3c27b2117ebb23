import type { Caller, UserRef } from '../kernel/caller.ts';

/** The `u` member for something the caller does. Callers without a username never reach room operations. */
export function callerRef(caller: Caller): UserRef {
  return refOf(caller.uid, caller.username, caller.name);
}

/** Only the members of `u`, whatever else the object carries. */
export function userRef(user: { _id: string; username?: string | null; name?: string | null }): UserRef {
  return refOf(user._id, user.username, user.name);
}

function refOf(_id: string, username: string | null | undefined, name: string | null | undefined): UserRef {
  return name ? { _id, username: username ?? '', name } : { _id, username: username ?? '' };
}
