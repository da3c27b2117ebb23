import type { MembershipDetails } from './membership.ts';

/** How a member wants to be told of a room's messages, as far as it differs from the workspace's defaults (spec 30 §4.11). */
export interface NotificationWishes {
  desktop?: string;
  /** Nothing at all. */
  disabled?: true;
  muteGroupMentions?: true;
  ignored?: readonly string[];
  sound?: string;
}

/** Undefined for most members, who never changed anything: nothing need be kept in memory for them. */
export function notificationWishes(
  details: Pick<
    MembershipDetails,
    | 'desktopNotifications'
    | 'disableNotifications'
    | 'muteGroupMentions'
    | 'ignored'
    | 'audioNotificationValue'
  >,
): NotificationWishes | undefined {
  const { desktopNotifications: desktop, ignored, audioNotificationValue: sound } = details;
  const wishes: NotificationWishes = {
    ...(desktop ? { desktop } : {}),
    ...(details.disableNotifications ? { disabled: true } : {}),
    ...(details.muteGroupMentions ? { muteGroupMentions: true } : {}),
    ...(ignored && ignored.length > 0 ? { ignored } : {}),
    ...(sound ? { sound } : {}),
  };
  return Object.keys(wishes).length > 0 ? wishes : undefined;
}
