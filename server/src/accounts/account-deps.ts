import type { Presence } from './presence.ts';
import type { RoomHooks } from './room-hooks.ts';

/** What the doors of accounts need beside the context. */
export interface AccountDeps {
  rooms: RoomHooks;
  presence: Presence;
}
