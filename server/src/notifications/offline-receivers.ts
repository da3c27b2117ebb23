import { findUsers } from '../accounts/find-users.ts';
import { effectivePreferences } from '../accounts/preferences.ts';
import type { User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import type { MessageSent } from '../messages/messages.events.ts';
import { getActiveMemberships, getMemberships, getMembersToldOfAll } from '../rooms/get-room.ts';
import { isActiveMember, type Membership } from '../rooms/membership.ts';
import type { Db } from '../storage/database.ts';
import { wants } from './wants.ts';

/** Who wants to be told of a message although they are not looking, and how (spec 30 §4.11). */
export interface OfflineReceiver {
  user: User;
  push: boolean;
  mail: boolean;
}

/** Where the workspace knows no large rooms. */
const MOST_MEMBERS = 10_000;

/**
 * In a large room only those are looked at whom the message names, whose thread it is in, or who said that they want all
 * messages: looking through the wishes of all members for every message would cost more than the message.
 */
export async function offlineReceivers(ctx: Context, sent: MessageSent): Promise<OfflineReceiver[]> {
  const { room, message, alertedIds, followerIds } = sent;
  const isLarge = isLargeRoom(ctx, room);
  const members = isLarge
    ? await membersOfLargeRoom(ctx, room.id, [...alertedIds, ...followerIds])
    : await getActiveMemberships(ctx, room.id, MOST_MEMBERS);
  const asked = members.filter((member) => isActiveMember(member) && member.uid !== message.u._id);
  const users = await findUsers(ctx, { ids: asked.map(({ uid }) => uid) });
  const byId = new Map(users.map((user) => [user._id, user]));
  return asked.flatMap((member) => {
    const user = byId.get(member.uid);
    return user?.active && mayHear(ctx, room.type, user)
      ? [{ user, ...wishesOf(ctx, { sent, isLarge }, member, user) }]
      : [];
  });
}

async function membersOfLargeRoom(
  ctx: Context,
  rid: string,
  meant: readonly string[],
): Promise<Membership[]> {
  const [named, wishing] = await Promise.all([
    getMemberships(ctx, rid, [...new Set(meant)]),
    getMembersToldOfAll(ctx.db, rid, MOST_MEMBERS),
  ]);
  return [...new Map([...named, ...wishing].map((member) => [member.uid, member])).values()];
}

/**
 * Of a message in a large room that names nobody only those can be told who wish so: without them nobody need be looked for.
 * Reads in the transaction of the message.
 */
export async function hasReceivers(ctx: Context, db: Db, sent: MessageSent): Promise<boolean> {
  if (sent.alertedIds.length > 0 || sent.followerIds.length > 0 || !isLargeRoom(ctx, sent.room)) return true;
  return (await getMembersToldOfAll(db, sent.room.id, 1)).length > 0;
}

function isLargeRoom({ settings }: Context, { memberCount }: MessageSent['room']): boolean {
  const most = settings.int('Notifications_Max_Room_Members');
  return most > 0 && memberCount > most;
}

const mayHear = (ctx: Context, roomType: string, { roles, username }: User): boolean =>
  username !== undefined && (roomType !== 'd' || ctx.permissions.has({ roles }, 'view-d-room'));

function wishesOf(
  ctx: Context,
  { sent, isLarge }: { sent: MessageSent; isLarge: boolean },
  { uid, details }: Membership,
  user: User,
) {
  const saved = effectivePreferences(ctx.settings, user);
  const wantsBy = (level: string | undefined, preference: unknown): boolean =>
    wants(sent, {
      ...{ isLarge, isAlerted: sent.alertedIds.includes(uid), follows: sent.followerIds.includes(uid) },
      ...{ level, defaultLevel: String(preference) },
      wishes: {
        ...(details.disableNotifications ? { disabled: true } : {}),
        ...(details.muteGroupMentions ? { muteGroupMentions: true } : {}),
        ...(details.ignored ? { ignored: details.ignored } : {}),
      },
    });
  return {
    push: wantsBy(details.mobilePushNotifications, saved.pushNotifications),
    mail:
      user.statusConnection !== 'online' && wantsBy(details.emailNotifications, saved.emailNotificationMode),
  };
}
