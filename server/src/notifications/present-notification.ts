import type { MessageSent } from '../messages/messages.events.ts';

/** What a client shows of a message (spec 40 §8.3 `notification`); mobile reads `payload.{rid,sender,message}` unasked. */
export interface WireNotification {
  title: string;
  text: string;
  payload: {
    _id: string;
    rid: string;
    tmid?: string;
    sender: { _id: string; username: string; name?: string };
    type: string;
    name?: string;
    message: { msg: string; t?: string; content?: unknown };
    audioNotificationValue?: string;
  };
}

export function presentNotification(
  { message, room }: Pick<MessageSent, 'message' | 'room'>,
  { realNames, sound }: { realNames: boolean; sound?: string | undefined },
): WireNotification {
  const { _id, rid, tmid, u, msg, t, content } = message;
  const sender = (realNames && u.name) || u.username;
  const text = textOf(message);
  const name = room.displayName ?? room.name;
  return {
    title: room.type === 'd' ? sender : `#${name ?? rid}`,
    text: room.type === 'd' ? text : `${sender}: ${text}`,
    payload: {
      _id,
      rid,
      ...(tmid ? { tmid } : {}),
      sender: u,
      type: room.type,
      ...(room.type !== 'd' && room.name !== null ? { name: room.name } : {}),
      message: { msg, ...(t ? { t } : {}), ...(content ? { content } : {}) },
      ...(sound ? { audioNotificationValue: sound } : {}),
    },
  };
}

/** What a message says, in a line. */
export function textOf({ t, msg, attachments }: MessageSent['message']): string {
  if (t === 'e2e') return 'Encrypted message';
  const [first] = attachments ?? [];
  if (msg !== '' || !first) return msg;
  if (typeof first.description === 'string' && first.description !== '') return first.description;
  if (first.image_url) return 'Uploaded an image';
  return first.type === 'file' ? 'Uploaded a file' : msg;
}
