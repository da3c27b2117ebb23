import { createHash } from 'node:crypto';
import type { Context } from '../context.ts';
import type { WireMessage } from '../messages/message.ts';
import type { Room } from '../rooms/room.ts';
import { presentNotification, textOf } from './present-notification.ts';

/** A push message, as gateways take it and `push.get` answers it (spec 23, "Push"). */
export interface PushNotification {
  from: 'push';
  badge: number;
  sound: 'default';
  priority: 10;
  title: string;
  text: string;
  payload: object;
  userId: string;
  /** Devices show one of each, the newest. */
  notId: number;
  gcm: { style: 'inbox'; image: string };
  apn: { category?: string; text?: string };
}

const NO_CONTENT = 'You have a new message';

interface About {
  message: WireMessage;
  room: Room;
  uid: string;
  badge: number;
}

/** Everything that there is to say of a message, for the app that asks for it. */
export function presentWholePush(ctx: Context, about: About): PushNotification {
  const { message, room } = about;
  const realNames = ctx.settings.bool('UI_Use_Real_Name');
  const { title, text } = presentNotification({ message, room }, { realNames });
  return envelope(ctx, about, title, text, {
    ...{ host: hostOf(ctx), messageId: message._id, notificationType: 'message' },
    ...{ rid: room.id, sender: message.u, senderName: (realNames && message.u.name) || message.u.username },
    type: room.type,
    ...(room.type !== 'd' && room.name !== null ? { name: room.name } : {}),
    ...(message.t ? { messageType: message.t } : {}),
    ...(message.tmid ? { tmid: message.tmid } : {}),
    ...(message.t === 'e2e' ? { msg: message.msg } : {}),
  });
}

/** What leaves the server: as much of it as the workspace wants to go through the hands of others. */
export function presentPush(ctx: Context, about: About): PushNotification {
  const { settings } = ctx;
  const { message, room } = about;
  const bare = { host: hostOf(ctx), messageId: message._id };
  if (settings.bool('Push_request_content_from_server')) {
    return envelope(ctx, about, '', NO_CONTENT, { ...bare, notificationType: 'message-id-only' });
  }
  const whole = presentWholePush(ctx, about);
  const text = settings.bool('Push_show_message') ? textOf(message) : NO_CONTENT;
  if (!settings.bool('Push_show_username_room')) {
    const payload = { ...bare, notificationType: 'message', rid: room.id, type: room.type };
    return { ...whole, title: '', text, payload };
  }
  return settings.bool('Push_show_message') ? whole : { ...whole, text };
}

/** Of `push.test`. */
export function presentTestPush(ctx: Context, uid: string): PushNotification {
  return {
    ...common(ctx, uid, 'test'),
    title: '@test',
    text: 'This is a push test message',
    badge: 1,
    payload: { host: hostOf(ctx) },
    apn: {},
  };
}

function envelope(
  ctx: Context,
  { room, uid, badge }: About,
  title: string,
  text: string,
  payload: object,
): PushNotification {
  const category = room.readOnly ? 'MESSAGE_NOREPLY' : 'MESSAGE';
  return { ...common(ctx, uid, room.id), title, text, badge, payload, apn: { category } };
}

const common = (ctx: Context, uid: string, subject: string) => ({
  ...({ from: 'push', sound: 'default', priority: 10, userId: uid, notId: notIdOf(subject) } as const),
  gcm: { style: 'inbox', image: `${ctx.settings.text('Site_Url')}/assets/favicon_192.png` } as const,
});

const hostOf = ({ settings }: Context): string => `${settings.text('Site_Url')}/`;

/** Android takes a positive 32-bit number. */
const notIdOf = (text: string): number => createHash('sha256').update(text).digest().readUInt32BE(0) >>> 1;
