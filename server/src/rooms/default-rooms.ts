import { storeSetting } from '../admin/change-settings.ts';
import type { Context } from '../context.ts';
import type { Emit } from '../kernel/events.ts';
import type { Tx } from '../storage/database.ts';
import { addToRoom, type MemberUser } from './add-to-room.ts';
import { storeRoom } from './create-room.ts';
import { joinByRememberedInvite } from './invites/invites.ts';
import { defaultRooms, roomById } from './rooms.store.ts';

/**
 * Makes a user a member of every default room (spec 21, "Joining default channels"), and of the one they were invited to
 * before they had a username. Bans are respected silently.
 */
export async function joinDefaultRooms(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  user: MemberUser,
  { silent }: { silent: boolean },
): Promise<void> {
  if (!user.username) return;
  for (const room of await defaultRooms(tx)) {
    await addToRoom(ctx, tx, emit, room.id, user, { silent, skipBanned: true });
  }
  await joinByRememberedInvite(ctx, { tx, emit }, user);
}

/** The channel every workspace starts with (spec 22, "Bootstrapping" 2). Created once. */
export async function ensureGeneralChannel(ctx: Context): Promise<void> {
  // A workspace that deleted it does not get it back.
  if (ctx.settings.bool('Initial_Channel_Created')) return;
  await ctx.write(async (tx, emit) => {
    await storeSetting(ctx, tx, emit, 'Initial_Channel_Created', true);
    if (await roomById(tx, 'GENERAL')) return;
    await storeRoom(
      ctx,
      tx,
      emit,
      { uid: 'rocket.cat' },
      {
        id: 'GENERAL',
        type: 'c',
        slug: 'general',
        displayName: 'general',
        readOnly: false,
        isDefault: true,
        details: {
          u: { _id: 'rocket.cat', username: 'rocket.cat', name: 'Rocket.Cat' },
          sysMes: true,
          customFields: {},
        },
        team: undefined,
        members: [],
        owned: false,
      },
    );
  });
}
