import { fail } from '../kernel/errors.ts';
import type { RoomSettings } from './save-room-settings.ts';

/** Which members `saveRoomSettings` takes over DDP, with the type each must have (spec 40 §10.2). */
const TYPES = {
  roomName: 'string',
  roomTopic: 'string',
  roomDescription: 'string',
  roomAnnouncement: 'string',
  roomCustomFields: 'object',
  roomType: 'string',
  readOnly: 'boolean',
  reactWhenReadOnly: 'boolean',
  systemMessages: 'list',
  joinCode: 'string',
  default: 'boolean',
  featured: 'boolean',
  favorite: 'object',
  encrypted: 'boolean',
  roomAvatar: 'string',
  retentionEnabled: 'boolean',
  retentionMaxAge: 'number',
  retentionExcludePinned: 'boolean',
  retentionFilesOnly: 'boolean',
  retentionIgnoreThreads: 'boolean',
  retentionOverrideGlobal: 'boolean',
  sidepanel: 'object',
} as const satisfies Record<keyof RoomSettings, string>;

/** Checks settings that come without a schema. @throws error-invalid-settings, 400 Match failed */
export function parseRoomSettings(given: Record<string, unknown>): RoomSettings {
  const settings: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(given)) {
    if (!Object.hasOwn(TYPES, key)) {
      fail('error-invalid-settings', 'Invalid settings provided', { method: 'saveRoomSettings' });
    }
    if (value === null || value === undefined) continue;
    if (!hasType(value, TYPES[key as keyof typeof TYPES])) fail(400, 'Match failed');
    settings[key] = value;
  }
  return settings;
}

function hasType(value: unknown, type: (typeof TYPES)[keyof typeof TYPES]): boolean {
  if (type === 'list') return Array.isArray(value) && value.every((item) => typeof item === 'string');
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}
