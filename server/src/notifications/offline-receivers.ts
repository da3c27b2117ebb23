import { findUsers } from '../accounts/find-users.ts';
import { effectivePreferences } from '../accounts/preferences.ts';
import type { User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import type { MessageSent } from '../messages/messages.events.ts';
import { getActiveMemberships, getMemberships } from '../rooms/get-room.ts';
import { isActiveMember, type Membership } from '../rooms/membership.ts';
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
 * In a large room only those are looked at whom the message names or whose thread it is in: looking through the wishes of all
 * members for every message would cost more than the message.
 */
export async function offlineReceivers(ctx: Context, sent: MessageSent): Promise<OfflineReceiver[]> {
  const { room, message, alertedIds, followerIds } = sent;
  const isLarge = isLargeRoom(ctx, room);
  const members = isLarge
    ? await getMemberships(ctx, room.id, [...new Set([...alertedIds, ...followerIds])])
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

/** Nobody can be told of a message in a large room that names nobody: that need not be looked for. */
export const mayHaveReceivers = (ctx: Context, { room, alertedIds, followerIds }: MessageSent): boolean =>
  alertedIds.length > 0 || followerIds.length > 0 || !isLargeRoom(ctx, room);

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
