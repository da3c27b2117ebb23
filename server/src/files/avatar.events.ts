/** A person or a room has another picture, or none any more: `stream-notify-logged` `updateAvatar` (spec 40 §8.4). */
export type AvatarChanged = { username: string; etag?: string } | { rid: string; etag?: string };

declare module '../kernel/events.ts' {
  interface Events {
    'avatar.changed': AvatarChanged;
  }
}
