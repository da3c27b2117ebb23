import type { Context, WriteScope } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { outsidersAmong } from '../rooms/mention-targets.ts';
import { ephemeralMessage } from './ephemeral.ts';
import type { Mention, WireMessage } from './message.ts';
import { mayHere, type Place } from './sending-rules.ts';

/**
 * Tells the sender of a message whom of those it names the room does not reach (spec 30 §4.4). `ctx` reads inside the
 * transaction of the message.
 */
export async function tellOfOutsiders(
  ctx: Context,
  { emit }: WriteScope,
  caller: Caller,
  place: Place,
  message: Pick<WireMessage, 'mentions' | 'tmid'>,
): Promise<void> {
  const { room } = place;
  const people = message.mentions?.filter(isPerson) ?? [];
  if (people.length === 0 || room.type === 'd') return;
  const outsiders = new Set(
    await outsidersAmong(
      ctx,
      room.id,
      people.map(({ _id }) => _id),
    ),
  );
  const names = people.filter(({ _id }) => outsiders.has(_id)).map((who) => `*${who.name ?? who.username}*`);
  if (names.length === 0) return;
  const mayAdd =
    ctx.permissions.has(caller, `add-user-to-any-${room.type}-room`) ||
    mayHere(ctx, caller, 'add-user-to-joined-room', place);
  const hint = mayAdd ? '' : ' You can ask a room admin to add them.';
  const msg = `You mentioned ${names.join(', ')}, but they're not in this room.${hint}`;
  emit('message.ephemeral', {
    uid: caller.uid,
    message: ephemeralMessage(ctx, { rid: room.id, msg, tmid: message.tmid }),
  });
}

const isPerson = ({ _id, type }: Mention): boolean => type !== 'team' && _id !== 'all' && _id !== 'here';
