import type { Refused } from '../../accounts/refusals/refusal.ts';

/** What the tables of refusals about messages, webhooks, commands and keys are written with. */

/**
 * alice owns every room; bob is in those that are not said to be alice's alone; carol is in none but a direct room with alice,
 * who blocked her; the admin is in none.
 */
export type Who = 'nobody' | 'alice' | 'bob' | 'carol' | 'admin';

/** What is different while a call is made. */
export interface Given {
  settings?: Record<string, unknown>;
  /** Which roles have a permission. */
  permissions?: Record<string, readonly string[]>;
}

/**
 * Who calls what, and the whole answer. A text `$name` anywhere in parameters and answer stands for the id, name or text that
 * `places.ts` has under that name.
 */
export type Row = [who: Who, call: string, params: unknown, refused: Refused, given?: Given];

/** Somebody calls a method over DDP, and gets this error; `undefined` where the method answers nothing. */
export type MethodRow = [who: Who, method: string, params: unknown[], error: object, given?: Given];

/** Somebody runs a slash command in a room and is refused, or is told something in the room. */
export type CommandRow = [
  who: Who,
  command: string,
  params: string,
  refused: Refused | 'answered',
  told: readonly string[],
  given?: Given & { room?: string },
];
