import { fail } from '../kernel/errors.ts';
import type { RoomRetention } from './room.ts';

/** What a room decides about its old messages, as `saveRoomSettings` takes it (spec 11 §4, §11). */
export interface RetentionSettings {
  retentionEnabled?: boolean;
  /** Days. */
  retentionMaxAge?: number;
  retentionExcludePinned?: boolean;
  retentionFilesOnly?: boolean;
  retentionIgnoreThreads?: boolean;
  retentionOverrideGlobal?: boolean;
}

const DECISION = [
  ['enabled', 'retentionEnabled'],
  ['overrideGlobal', 'retentionOverrideGlobal'],
] as const;

/** What means something only while the room follows a rule of its own. */
const OWN_RULE = [
  ['maxAge', 'retentionMaxAge'],
  ['filesOnly', 'retentionFilesOnly'],
  ['excludePinned', 'retentionExcludePinned'],
  ['ignoreThreads', 'retentionIgnoreThreads'],
] as const;

/** The room's decision with the wanted changes; undefined where they change nothing. */
export function changedRetention(
  before: RoomRetention | undefined,
  wanted: RetentionSettings,
): RoomRetention | undefined {
  const heeded = wanted.retentionOverrideGlobal === false ? DECISION : [...DECISION, ...OWN_RULE];
  const changes = heeded
    .filter(([member, setting]) => wanted[setting] !== undefined && wanted[setting] !== before?.[member])
    .map(([member, setting]) => [member, wanted[setting]]);
  return changes.length > 0 ? { ...before, ...Object.fromEntries(changes) } : undefined;
}

/** Less than a day would remove what was said a moment ago, which nobody means. @throws error-invalid-settings */
export function refuseUselessAge({ retentionMaxAge: days }: RetentionSettings): void {
  if (days === undefined || days >= 1) return;
  fail('error-invalid-settings', 'Invalid settings provided', { method: 'saveRoomSettings' });
}
