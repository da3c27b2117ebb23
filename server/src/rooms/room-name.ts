import type { Context } from '../context.ts';
import { commaList } from '../kernel/comma-list.ts';
import { fail } from '../kernel/errors.ts';
import { escapeHtml } from '../kernel/escape-html.ts';
import { latinLetters } from '../kernel/latin-letters.ts';
import type { Db } from '../storage/database.ts';
import { refuseLongName } from './room-limits.ts';
import { roomByDisplayName, roomByName } from './rooms.store.ts';
import { teamByName } from './teams.store.ts';

/**
 * The slug for a display name: shape, blocked words and uniqueness over all rooms (spec 10 §5.1). `except` is the room
 * that is being renamed.
 *
 * @throws error-invalid-room-name, error-archived-duplicate-name, error-duplicate-channel-name
 */
export async function validRoomName(
  ctx: Context,
  db: Db,
  displayName: string,
  except?: string,
): Promise<string> {
  refuseLongName(displayName);
  const free = ctx.settings.bool('UI_Allow_room_names_with_special_chars');
  const slug = free ? slugify(displayName) : displayName;
  const details = { function: 'RocketChat.getValidRoomName', channel_name: escapeHtml(slug) };
  if (free) {
    const same = await roomByDisplayName(db, displayName);
    if (same && same.id !== except) duplicate(slug, same.archived, details);
  }
  if (!matchesRoomNames(ctx, slug) || isSystemBlocked(ctx, slug)) {
    fail('error-invalid-room-name', `${escapeHtml(slug)} is not a valid room name.`, details);
  }
  const taken = await roomByName(db, slug);
  if (!taken || taken.id === except) return slug;
  if (!free) duplicate(slug, taken.archived, details);
  for (let n = 1; ; n++) {
    const candidate = `${slug}-${n}`;
    if (!(await roomByName(db, candidate))) return candidate;
  }
}

/**
 * A free slug for a room of another system, whatever its name is made of (spec 32 C.2); undefined when no letter or digit is
 * left of it.
 */
export async function slugForImport(ctx: Context, db: Db, displayName: string): Promise<string | undefined> {
  const base = importedSlug(ctx, displayName);
  if (!base) return undefined;
  if (!isSystemBlocked(ctx, base) && !(await roomByName(db, base))) return base;
  for (let n = 1; ; n++) {
    const candidate = `${base}-${n}`;
    if (!(await roomByName(db, candidate))) return candidate;
  }
}

/** What the slug is made of, before it has to be free. */
export const importedSlug = (ctx: Context, displayName: string): string =>
  matchesRoomNames(ctx, displayName) ? displayName : slugify(displayName);

/** The refusal of a name that another room took at the same moment: the unique index decided. */
export const refuseTakenName = (slug: string): never =>
  duplicate(slug, false, { function: 'RocketChat.getValidRoomName', channel_name: escapeHtml(slug) });

function duplicate(slug: string, archived: boolean, details: unknown): never {
  if (archived)
    fail('error-archived-duplicate-name', `There's an archived channel with name ${slug}`, details);
  fail('error-duplicate-channel-name', `A channel with name '${slug}' exists`, details);
}

/** Further rules that hold on renaming only: one namespace with users and teams. `isUsername` asks the accounts. */
export async function refuseTakenHandle(
  ctx: Context,
  db: Db,
  slug: string,
  { isUsername, ownTeamId }: { isUsername: (name: string) => Promise<boolean>; ownTeamId: string | null },
): Promise<void> {
  const team = await teamByName(db, slug);
  if ((await isUsername(slug)) || (team && team.id !== ownTeamId)) {
    fail('error-duplicate-handle', `A room, team or user with name '${slug}' already exists`);
  }
  const blocked = ['all', 'here', ...words(ctx.settings.text('Accounts_BlockedUsernameList'))];
  if (blocked.includes(slug.toLowerCase())) {
    const details = { method: 'checkUsernameAvailability', field: slug };
    fail('error-blocked-username', `${slug} is blocked and can't be used!`, details);
  }
}

function matchesRoomNames(ctx: Context, slug: string): boolean {
  return compile(namePattern(ctx), (pattern) => `^(?:${pattern})$`).test(slug);
}

/** The first thing in a text that has the form of a room's name. */
export function roomNameIn(ctx: Context, text: string): string | undefined {
  return compile(namePattern(ctx)).exec(text.slice(0, MAX_TEXT))?.[0] || undefined;
}

const MAX_TEXT = 1000;
const DEFAULT_PATTERN = '[0-9a-zA-Z-_.]+';

const namePattern = (ctx: Context) => ctx.settings.text('UTF8_Channel_Names_Validation') || DEFAULT_PATTERN;

function compile(pattern: string, wrap = (inner: string) => inner): RegExp {
  try {
    return new RegExp(wrap(pattern));
  } catch {
    return new RegExp(wrap(DEFAULT_PATTERN));
  }
}

const isSystemBlocked = (ctx: Context, slug: string) =>
  words(ctx.settings.text('Accounts_SystemBlockedUsernameList')).includes(slug.toLowerCase());

const words = (list: string) => commaList(list.toLowerCase());

/** The words in Latin letters, everything between them becomes one hyphen; case is kept. */
function slugify(displayName: string): string {
  return latinLetters(displayName)
    .replace(/[^0-9a-zA-Z]+/g, '-')
    .replace(/^-+|-+$/g, '');
}
