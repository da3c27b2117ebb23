import type { Settings } from '../kernel/settings.ts';
import type { Room, RoomType } from '../rooms/room.ts';

const DAY = 24 * 60 * 60_000;
/** Of a room that follows a rule of its own without an age. */
const DEFAULT_DAYS = 30;

/** What the workspace decides about old messages: the settings `RetentionPolicy_*`. */
export interface RetentionPolicy {
  /** How old messages get in rooms of the type; absent: as old as they like. ms */
  maxAges: Partial<Record<RoomType, number>>;
  filesOnly: boolean;
  excludePinned: boolean;
  ignoreThreads: boolean;
  /** Neither rooms that are discussions nor the messages that announce them. */
  ignoreDiscussion: boolean;
}

/** What happens to the old messages of one room. */
export interface RetentionRule extends Omit<RetentionPolicy, 'maxAges'> {
  /** ms */
  maxAge: number;
}

const KINDS = [
  ['c', 'Channels'],
  ['p', 'Groups'],
  ['d', 'DMs'],
] as const;

/** An age of 0 or less is none: no slip of a finger in a form may empty every room. */
export function retentionPolicy(settings: Settings): RetentionPolicy {
  const ages = KINDS.filter(([, kind]) => settings.bool(`RetentionPolicy_AppliesTo${kind}`))
    .map(([type, kind]) => [type, settings.int(`RetentionPolicy_TTL_${kind}`)] as const)
    .filter(([, age]) => age > 0);
  return {
    maxAges: Object.fromEntries(ages),
    filesOnly: settings.bool('RetentionPolicy_FilesOnly'),
    excludePinned: settings.bool('RetentionPolicy_DoNotPrunePinned'),
    ignoreThreads: settings.bool('RetentionPolicy_DoNotPruneThreads'),
    ignoreDiscussion: settings.bool('RetentionPolicy_DoNotPruneDiscussion'),
  };
}

/** The rule of a room (spec 11 §11): its own, that of the workspace, or none. */
export function ruleOf(policy: RetentionPolicy, room: Room): RetentionRule | undefined {
  const { maxAges, ...flags } = policy;
  const own = room.details.retention ?? {};
  if (flags.ignoreDiscussion && room.parentId !== null) return undefined;
  if (!own.overrideGlobal) {
    const maxAge = maxAges[room.type];
    return maxAge === undefined || own.enabled === false ? undefined : { ...flags, maxAge };
  }
  if (!own.enabled) return undefined;
  return {
    maxAge: (own.maxAge ?? DEFAULT_DAYS) * DAY,
    filesOnly: own.filesOnly ?? false,
    excludePinned: own.excludePinned ?? false,
    ignoreThreads: own.ignoreThreads ?? false,
    ignoreDiscussion: flags.ignoreDiscussion,
  };
}
