import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import type { Settings } from '../kernel/settings.ts';
import { changeUser } from './change-user.ts';
import { loadUser } from './find-users.ts';
import type { RoomHooks } from './room-hooks.ts';
import type { User } from './user.ts';

/** Every preference that has a setting `Accounts_Default_User_Preferences_<key>` with its default (spec 22). */
export const PREFERENCES_WITH_DEFAULT = [
  'enableAutoAway',
  'idleTimeLimit',
  'desktopNotificationRequireInteraction',
  'desktopNotifications',
  'pushNotifications',
  'unreadAlert',
  'useEmojis',
  'convertAsciiEmoji',
  'autoImageLoad',
  'saveMobileBandwidth',
  'collapseMediaByDefault',
  'hideUsernames',
  'hideRoles',
  'hideFlexTab',
  'displayAvatars',
  'sidebarGroupByType',
  'themeAppearence',
  'sidebarViewMode',
  'sidebarDisplayAvatar',
  'sidebarShowUnread',
  'sidebarSortby',
  'showThreadsInMainChannel',
  'alsoSendThreadToChannel',
  'sidebarShowFavorites',
  'sendOnEnter',
  'emailNotificationMode',
  'newRoomNotification',
  'newMessageNotification',
  'muteFocusedConversations',
  'notificationsSoundVolume',
  'masterVolume',
  'voipRingerVolume',
  'desktopNotificationVoiceCalls',
  'omnichannelTranscriptEmail',
  'notifyCalendarEvents',
  'enableMobileRinging',
  'sidebarSectionsOrder',
  'featuresPreview',
] as const;

/** What can be saved (spec 21, "Preference keys"), by the type of the value. */
export const PREFERENCES_OF_TYPE = {
  string: [
    'newRoomNotification',
    'newMessageNotification',
    'emailNotificationMode',
    'desktopNotifications',
    'pushNotifications',
    'sendOnEnter',
    'language',
    'sidebarSortby',
    'sidebarViewMode',
    'alsoSendThreadToChannel',
    'themeAppearence',
    'fontSize',
  ],
  number: [
    'clockMode',
    'masterVolume',
    'notificationsSoundVolume',
    'voipRingerVolume',
    'idleTimeLimit',
    'utcOffset',
  ],
  boolean: [
    'muteFocusedConversations',
    'useEmojis',
    'convertAsciiEmoji',
    'saveMobileBandwidth',
    'collapseMediaByDefault',
    'autoImageLoad',
    'unreadAlert',
    'enableAutoAway',
    'desktopNotificationRequireInteraction',
    'desktopNotificationVoiceCalls',
    'hideUsernames',
    'hideRoles',
    'displayAvatars',
    'hideFlexTab',
    'sidebarShowFavorites',
    'sidebarShowUnread',
    'sidebarDisplayAvatar',
    'sidebarGroupByType',
    'showThreadsInMainChannel',
    'receiveLoginDetectionEmail',
    'notifyCalendarEvents',
    'omnichannelTranscriptEmail',
    'omnichannelTranscriptPDF',
    'omnichannelHideConversationAfterClosing',
    'enableMobileRinging',
    'mentionsWithSymbol',
  ],
  texts: ['highlights', 'statusVisibilityDenied', 'sidebarSectionsOrder'],
  objects: ['dontAskAgainList', 'featuresPreview'],
} as const;

export type PreferenceType = keyof typeof PREFERENCES_OF_TYPE;

/** The preferences of `me` and of the login answer: the workspace's defaults under the user's own (spec 20, "Entity Me"). */
export function effectivePreferences(settings: Settings, user: User): Record<string, unknown> {
  const preferences: Record<string, unknown> = {};
  for (const key of PREFERENCES_WITH_DEFAULT) {
    const value = settings.value(`Accounts_Default_User_Preferences_${key}`);
    if (value !== undefined) preferences[key] = value;
  }
  return { ...preferences, ...user.preferences };
}

/** What the user saved, with the language; defaults are not filled in here (spec 21, `users.getPreferences`). */
export function savedPreferences(user: User): Record<string, unknown> {
  return { ...user.preferences, ...(user.language === undefined ? {} : { language: user.language }) };
}

/**
 * Saves preferences; those that are not given stay. `language` and `utcOffset` are stored with the user. The endpoint's
 * schema says which keys there are. Throws `error-action-not-allowed`, `error-invalid-user`,
 * `invalid-idle-time-limit-value`, `error-invalid-params` when they are too long.
 */
export async function savePreferences(
  ctx: Context,
  rooms: Pick<RoomHooks, 'preferencesChanged'>,
  caller: Caller,
  input: { uid: string; preferences: Readonly<Record<string, unknown>> },
): Promise<User> {
  if (input.uid !== caller.uid && !ctx.permissions.has(caller, 'edit-other-user-info')) {
    const details = { method: 'users.setPreferences', action: 'Editing_user' };
    fail('error-action-not-allowed', 'Editing user is not allowed', details);
  }
  const { language, utcOffset, ...preferences } = storedForm(input.preferences);
  return ctx.write(async (tx, emit) => {
    const user = await loadUser(tx, input.uid);
    if (!user) {
      fail('error-invalid-user', 'The optional "userId" param provided does not match any users', {
        method: 'users.setPreferences',
      });
    }
    const all = { ...user.preferences, ...preferences };
    if (JSON.stringify(all).length > MAX_LENGTH) fail('error-invalid-params', 'The preferences are too long');
    const saved = await changeUser(ctx, tx, emit, {
      uid: user._id,
      set: {
        preferences: all,
        ...(typeof language === 'string' ? { language } : {}),
        ...(typeof utcOffset === 'number' ? { utcOffset } : {}),
      },
    });
    if (COPIED_TO_MEMBERSHIPS.some((key) => key in preferences)) {
      await rooms.preferencesChanged(ctx, tx, emit, saved);
    }
    return saved;
  });
}

/** Of all of them as JSON text: they are part of the user's row, which every list of users reads. */
const MAX_LENGTH = 100_000;

/** Preferences that memberships hold copies of (spec 21, `users.setPreferences`). */
const COPIED_TO_MEMBERSHIPS = [
  'desktopNotifications',
  'pushNotifications',
  'emailNotificationMode',
  'highlights',
];

/** The caller's time zone in hours (DDP `userSetUtcOffset`). */
export async function setUtcOffset(ctx: Context, caller: Caller, utcOffset: number): Promise<void> {
  await ctx.write((tx, emit) => changeUser(ctx, tx, emit, { uid: caller.uid, set: { utcOffset } }));
}

const RENAMED_MAIL_MODES: Readonly<Record<string, string>> = { all: 'mentions', disabled: 'nothing' };
const MIN_IDLE_SECONDS = 60;

function storedForm(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { idleTimeLimit, emailNotificationMode } = given;
  if (typeof idleTimeLimit === 'number' && idleTimeLimit < MIN_IDLE_SECONDS) {
    fail('invalid-idle-time-limit-value', 'Invalid idleTimeLimit', { method: 'saveUserPreferences' });
  }
  if (typeof emailNotificationMode !== 'string') return { ...given };
  return {
    ...given,
    emailNotificationMode: RENAMED_MAIL_MODES[emailNotificationMode] ?? emailNotificationMode,
  };
}

const IS_OF_TYPE: Record<PreferenceType, (value: unknown) => boolean> = {
  string: (value) => typeof value === 'string' && value.length <= 100,
  number: (value) => typeof value === 'number' && Number.isFinite(value),
  boolean: (value) => typeof value === 'boolean',
  texts: (value) => isListOf(value, (item) => typeof item === 'string' && item.length <= 200),
  objects: (value) => isListOf(value, (item) => typeof item === 'object' && item !== null),
};
const MAX_LIST = 200;

/**
 * What of a client's object is a preference: old clients send members that are none, and `null` is as good as nothing.
 * Undefined where a preference has a value of another type.
 */
export function knownPreferences(
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> | undefined {
  const known: Record<string, unknown> = {};
  for (const [type, keys] of Object.entries(PREFERENCES_OF_TYPE)) {
    for (const key of keys) {
      const value = given[key] ?? undefined;
      if (value === undefined) continue;
      if (!IS_OF_TYPE[type as PreferenceType](value)) return undefined;
      known[key] = value;
    }
  }
  return known;
}

const isListOf = (value: unknown, isItem: (item: unknown) => boolean): boolean =>
  Array.isArray(value) && value.length <= MAX_LIST && value.every(isItem);
