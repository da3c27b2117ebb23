import { wireAccountConnections, wireAccountEvents } from './accounts/accounts-streams.ddp.ts';
import { wireLoginServices } from './accounts/login-services/login-services.ddp.ts';
import type { Presence } from './accounts/presence.ts';
import { wireAdminEvents } from './admin/admin.ddp.ts';
import { wireCalendarEvents } from './calendar/calendar.ddp.ts';
import { wireConferenceEvents } from './conferences/conferences.ddp.ts';
import type { Context } from './context.ts';
import { wireCustomizationEvents } from './customization/customization.ddp.ts';
import { wireAvatarEvents } from './files/avatar.ddp.ts';
import { wireImportEvents } from './imports/imports.ddp.ts';
import { wireIntegrationEvents } from './integrations/integrations.ddp.ts';
import { wireMessageEvents } from './messages/messages.ddp.ts';
import { wireNotifications } from './notifications/notifications.ddp.ts';
import type { StreamDeclaration, Streams } from './realtime/declarations.ts';
import type { Realtime } from './realtime/server.ts';
import type { OnlineMembers } from './rooms/online-members.ts';
import { wireRoomEvents } from './rooms/rooms-streams.ddp.ts';
import { wireWebdavEvents } from './webdav/webdav.ddp.ts';

/**
 * The user streams answer `ready` only when the user's rooms are in memory: a client that subscribes and then fetches
 * must not miss a change between the two.
 */
export function heardInFull(
  online: OnlineMembers,
  streams: readonly StreamDeclaration[],
): StreamDeclaration[] {
  return streams.map((stream) => {
    if (stream.name !== 'notify-user') return stream;
    return {
      ...stream,
      async mayRead(ctx, request) {
        const allowed = await stream.mayRead(ctx, request);
        if (allowed && request.caller) await online.ready(request.caller.uid);
        return allowed;
      },
    };
  });
}

/** Which domain events become which frames. The order matters: memberships decide who hears about rooms. */
export function wireEvents(
  ctx: Context,
  realtime: Realtime,
  presence: Presence,
  online: OnlineMembers,
): void {
  const { streams } = realtime;
  realtime.onConnectionChange(({ caller, kind }) => {
    if (!caller) return;
    if (kind === 'login')
      online.connected(caller.uid).catch((err) => ctx.log.error({ err }, 'rooms of a user were not loaded'));
    else online.disconnected(caller.uid);
  });
  wireMessageEvents(ctx, streams, online);
  wireNotifications(ctx, streams, online);
  wireRoomEvents(ctx, streams, online);
  wireConferenceEvents(ctx, streams, online);
  wireCalendarEvents(ctx, streams);
  wireWebdavEvents(ctx, streams);
  wireAccountEvents(ctx, streams);
  wireAccountConnections(ctx, realtime, presence);
  wireAdminEvents(ctx, streams);
  wireLoginServices(ctx, realtime);
  wireCustomizationEvents(ctx, streams);
  wireIntegrationEvents(ctx, streams);
  wireImportEvents(ctx, streams);
  wireAvatarEvents(ctx, streams);
  wireAccessChanges(ctx, streams);
}

/** Whoever loses a permission or a role, or the access to a room, while connected stops hearing what it opened. */
function wireAccessChanges(ctx: Context, streams: Streams): void {
  const recheckRooms = (matches?: (eventName: string) => boolean) =>
    Promise.all(
      ['room-messages', 'notify-room', 'room-data', 'notify-logged'].map((stream) =>
        streams
          .recheck(stream, matches)
          .catch((err) => ctx.log.error({ err, stream }, 'access to a stream was not checked again')),
      ),
    );
  // A walk over every subscription: fifty permissions changed at once must not walk fifty times.
  let running = false;
  let again = false;
  const recheckAll = async () => {
    again = true;
    if (running) return;
    running = true;
    while (again) {
      again = false;
      await recheckRooms();
    }
    running = false;
  };
  const recheck = (matches?: (eventName: string) => boolean): void => {
    void (matches ? recheckRooms(matches) : recheckAll());
  };
  ctx.events.on('permission.changed', () => recheck());
  ctx.events.on('room.accessChanged', ({ rid, wholeTeam }) =>
    recheck(wholeTeam ? undefined : (eventName) => eventName === rid || eventName.startsWith(`${rid}/`)),
  );
  ctx.events.on('setting.changed', ({ id }) => {
    if (id === 'Accounts_AllowAnonymousRead') recheck();
  });
  ctx.events.on('user.changed', ({ diff }) => {
    if ('roles' in diff) recheck();
  });
}
