import type { Settings } from '../kernel/settings.ts';

/**
 * Types of system messages, which nobody may send (spec 30 §1.4). `videoconf`, `command`, `e2e` and `discussion-created`
 * are not among them: they are shown and counted like what people write.
 */
const SYSTEM_TYPES: ReadonlySet<string> = new Set([
  ...[
    'uj',
    'ut',
    'ujt',
    'au',
    'added-user-to-team',
    'ui',
    'uir',
    'ul',
    'ult',
    'ru',
    'removed-user-from-team',
  ],
  ...[
    'r',
    'room_changed_topic',
    'room_changed_description',
    'room_changed_announcement',
    'room_changed_privacy',
  ],
  ...['room_changed_avatar', 'room-set-read-only', 'room-removed-read-only', 'room-allowed-reacting'],
  ...[
    'room-disallowed-reacting',
    'room-archived',
    'room-unarchived',
    'room_e2e_enabled',
    'room_e2e_disabled',
  ],
  ...['subscription-role-added', 'subscription-role-removed', 'user-muted', 'user-unmuted', 'user-banned'],
  ...[
    'user-unbanned',
    'message_pinned',
    'message_pinned_e2e',
    'user-converted-to-team',
    'user-converted-to-channel',
  ],
  ...['user-added-room-to-team', 'user-removed-room-from-team', 'user-deleted-room-from-team', 'rm', 'wm'],
  ...['abac-removed-user-from-room', 'mute_unmute', 'new-moderator', 'moderator-removed', 'new-owner'],
  ...['owner-removed', 'new-leader', 'leader-removed', 'rtc'],
]);

export const isSystemType = (type: unknown): boolean => typeof type === 'string' && SYSTEM_TYPES.has(type);

/** Types that the workspace hides from streams and history (`Hide_System_Messages`, spec 10 §11.1). */
export function hiddenInWorkspace(settings: Settings): string[] {
  return expanded(settings.list('Hide_System_Messages'));
}

/** Types hidden in a room's history: the room's own list, where it has one, replaces the workspace's. */
export function hiddenInRoom(settings: Settings, sysMes: true | readonly string[] | undefined): string[] {
  return Array.isArray(sysMes) ? expanded(sysMes) : hiddenInWorkspace(settings);
}

function expanded(types: readonly string[]): string[] {
  return types.flatMap((type) => (type === 'mute_unmute' ? ['user-muted', 'user-unmuted'] : [type]));
}
