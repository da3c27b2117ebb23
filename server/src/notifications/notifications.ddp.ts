import { findReachableUsers } from '../accounts/reachable-users.ts';
import type { Context } from '../context.ts';
import type { MessageSent } from '../messages/messages.events.ts';
import type { Streams } from '../realtime/declarations.ts';
import type { OnlineMembers } from '../rooms/online-members.ts';
import { desktopReceivers } from './desktop-receivers.ts';
import { presentNotification } from './present-notification.ts';

const EVENT = 'notification';

/** Tells connected members of messages on their desktop (spec 30 §4.11, spec 40 §8.3 `notification`). */
export function wireNotifications(ctx: Context, streams: Streams, online: OnlineMembers): void {
  // One after another, so that a client hears them in the order of the messages.
  let last = Promise.resolve();
  ctx.events.on('message.sent', (sent) => {
    if (ctx.settings.bool('Troubleshoot_Disable_Notifications')) return;
    const receivers = listeningReceivers(ctx, streams, online, sent);
    if (receivers.length === 0) return;
    // As it is now: meanwhile members may change what they want.
    const sounds = new Map(receivers.map((uid) => [uid, online.wishesIn(sent.room.id).get(uid)?.sound]));
    last = last
      .then(async () => {
        const reachable = await findReachableUsers(ctx, receivers);
        // Whoever left while that was read has had `removed`: nothing of the room may follow (spec 40 §7.4).
        const members = reachable.filter((uid) => online.isMember(sent.room.id, uid));
        notify(ctx, streams, sent, members, sounds);
      })
      .catch((err) => ctx.log.error({ err, rid: sent.room.id }, 'members were not notified of a message'));
  });
}

function listeningReceivers(
  ctx: Context,
  streams: Streams,
  online: OnlineMembers,
  sent: MessageSent,
): string[] {
  const { id, type } = sent.room;
  const receivers = desktopReceivers(
    sent,
    {
      online: online.of(id),
      isOnline: (uid) => online.isMember(id, uid),
      wishes: online.wishesIn(id),
    },
    {
      desktop: ctx.settings.text('Accounts_Default_User_Preferences_desktopNotifications'),
      maxRoomMembers: ctx.settings.int('Notifications_Max_Room_Members'),
    },
  );
  return receivers.filter(
    (uid) =>
      streams.hasListeners('notify-user', `${uid}/${EVENT}`) &&
      (type !== 'd' || mayUseDirectRooms(ctx, streams, uid)),
  );
}

function mayUseDirectRooms(ctx: Context, streams: Streams, uid: string): boolean {
  const [connection] = streams.connectionsOf(uid);
  return !!connection?.caller && ctx.permissions.has(connection.caller, 'view-d-room');
}

/** The document is the same for all who have chosen no sound of their own, and encoded once. */
function notify(
  ctx: Context,
  streams: Streams,
  sent: MessageSent,
  uids: readonly string[],
  sounds: ReadonlyMap<string, string | undefined>,
): void {
  const realNames = ctx.settings.bool('UI_Use_Real_Name');
  for (const sound of new Set(sounds.values())) {
    const group = uids.filter((uid) => sounds.get(uid) === sound);
    streams.emitToUsers(group, EVENT, [presentNotification(sent, { realNames, sound })]);
  }
}
