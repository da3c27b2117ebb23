import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { sendEphemeral } from '../messages/ephemeral.ts';
import type { Room } from '../rooms/room.ts';

/** A slash command under its names on the wire (spec 31 §1.1). `params` and `description` are keys that clients translate. */
export interface SlashCommand {
  command: string;
  params?: string;
  description: string;
  /** Clients offer the command to whoever has one of these; it is the command itself that checks. */
  permission?: string | readonly string[];
  /** Absent: clients do everything themselves. */
  run?(call: CommandCall): Promise<void>;
}

/** Somebody runs a command in a room. */
export interface CommandCall {
  ctx: Context;
  caller: Caller;
  room: Room;
  /** The text behind the command's name, as it was written. */
  params: string;
  /** What is sent belongs to this thread. */
  tmid?: string | undefined;
  /** Which id a message that the command sends has, when the client chose one. */
  messageId?: string | undefined;
}

/** Tells the caller alone, in the room. */
export function tell({ ctx, caller, room, tmid }: CommandCall, msg: string): void {
  sendEphemeral(ctx, caller.uid, { rid: room.id, msg, tmid });
}
