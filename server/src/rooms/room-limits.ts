import { fail } from '../kernel/errors.ts';

/** Beyond any name that a sidebar can show; a name is a key of the table of rooms, too. */
const MAX_ROOM_NAME = 255;
const MAX_TEXT = 10_000;
/** Of all of them as JSON text. */
const MAX_CUSTOM_FIELDS = 20_000;
const MAX_JOIN_CODE = 255;

interface Limited {
  topic?: string | undefined;
  description?: string | undefined;
  announcement?: string | undefined;
  customFields?: Record<string, unknown> | undefined;
  joinCode?: string | undefined;
}

/** @throws error-invalid-room-name */
export function refuseLongName(displayName: string): void {
  if (displayName.length <= MAX_ROOM_NAME) return;
  const reason = `A room name has at most ${MAX_ROOM_NAME} characters.`;
  fail('error-invalid-room-name', reason, { function: 'RocketChat.getValidRoomName' });
}

/**
 * Texts and custom fields go to every member with every change of the room, and the latter are in each of their
 * memberships: whoever may edit a room must not make it heavy for everybody. @throws error-invalid-params
 */
export function refuseHugeDetails({ customFields, joinCode, ...details }: Limited): void {
  const { topic = '', description = '', announcement = '' } = details;
  if ([topic, description, announcement].some((text) => text.length > MAX_TEXT))
    fail('error-invalid-params', `Topic, description and announcement have at most ${MAX_TEXT} characters`);
  if (customFields && JSON.stringify(customFields).length > MAX_CUSTOM_FIELDS)
    fail('error-invalid-params', `Custom fields have at most ${MAX_CUSTOM_FIELDS} characters`);
  if (joinCode && joinCode.length > MAX_JOIN_CODE)
    fail('error-invalid-params', `A join code has at most ${MAX_JOIN_CODE} characters`);
}
