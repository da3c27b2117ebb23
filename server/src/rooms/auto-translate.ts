import { findUserById } from '../accounts/find-users.ts';
import type { Context, WriteScope } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, refuse } from '../kernel/errors.ts';
import { isLanguage } from '../kernel/language.ts';
import { languagesOfRoom, membersWithTranslation, translatedMembers } from './auto-translate.store.ts';
import { changeMembership } from './change-membership.ts';
import { lockMembershipOf } from './membership.store.ts';
import { isActiveMember, type MembershipDetails } from './membership.ts';
import type { Room } from './room.ts';
import { roomById } from './rooms.store.ts';
import { callerRef, userRef } from './user-ref.ts';

/** For whom the messages of a room are translated, and into what (spec 31 §5); translating is in `translation/`. */

const DETAILS = { method: 'saveAutoTranslateSettings' };

export interface TranslationChange {
  roomId: string;
  field: 'autoTranslate' | 'autoTranslateLanguage';
  /** Whether there is translation; or the language. */
  value: unknown;
  /** For a member who has not chosen a language yet. */
  defaultLanguage?: string | undefined;
}

/**
 * Saves what the caller wants translated in a room.
 *
 * @throws plain refusals, error-action-not-allowed, error-invalid-subscription, error-e2e-enabled
 */
export async function saveAutoTranslate(
  ctx: Context,
  caller: Caller,
  change: TranslationChange,
): Promise<void> {
  const { roomId } = change;
  refuseWhereDisabled(ctx);
  const wanted = wantedDetails(change);
  refuseTranslation(ctx, caller, 'autoTranslate.saveSettings');
  const usual = (await findUserById(ctx, caller.uid))?.language || workspaceLanguage(ctx);
  await ctx.write(async (tx, emit) => {
    const [room, membership] = [await roomById(tx, roomId), await lockMembershipOf(tx, roomId, caller.uid)];
    if (!room || !isActiveMember(membership)) {
      fail('error-invalid-subscription', 'Invalid subscription', DETAILS);
    }
    if (wanted.autoTranslate && room.details.encrypted) {
      const reason = 'Enabling auto-translation in E2E encrypted rooms is not allowed';
      fail('error-e2e-enabled', reason, DETAILS);
    }
    const details: MembershipDetails = { ...membership.details, ...wanted };
    if (wanted.autoTranslate) details.autoTranslateLanguage ||= defaultLanguage(change) ?? usual;
    await changeMembership(ctx, { tx, emit }, room, membership, callerRef(caller), { details });
  });
}

function wantedDetails({ field, value }: TranslationChange): MembershipDetails {
  if (field === 'autoTranslate') {
    if (typeof value !== 'boolean') refuse('The bodyParam "autoTranslate" must be a boolean.');
    return { autoTranslate: value };
  }
  if (typeof value !== 'string' || !isLanguage(value)) {
    refuse('The bodyParam "autoTranslateLanguage" must be a string.');
  }
  return { autoTranslateLanguage: value };
}

const defaultLanguage = ({ defaultLanguage: given }: TranslationChange): string | undefined =>
  given !== undefined && isLanguage(given) ? given : undefined;

/** @throws a plain refusal */
export function refuseWhereDisabled({ settings }: Pick<Context, 'settings'>): void {
  if (!settings.bool('AutoTranslate_Enabled')) refuse('AutoTranslate is disabled.');
}

/** @throws error-action-not-allowed */
export function refuseTranslation(ctx: Context, caller: Caller, method: string): void {
  if (ctx.permissions.has(caller, 'auto-translate')) return;
  fail('error-action-not-allowed', 'Auto-Translate is not allowed', { method });
}

const workspaceLanguage = ({ settings }: Pick<Context, 'settings'>): string =>
  settings.text('Language') || 'en';

/** Who comes into a room and reads another language than the workspace may have it translated from the start. */
export function translationFromStart(
  ctx: Pick<Context, 'settings'>,
  room: Room,
  { language }: { language?: string | null },
): MembershipDetails {
  if (!language || room.details.encrypted || !ctx.settings.bool('AutoTranslate_AutoEnableOnJoinRoom'))
    return {};
  if (language === workspaceLanguage(ctx)) return {};
  return { autoTranslate: true, autoTranslateLanguage: language };
}

/** Nobody but the members can read an encrypted room, so nobody can translate it (spec 10 §10.6, `setEncrypted`). */
export async function stopAutoTranslate(ctx: Context, scope: WriteScope, room: Room): Promise<void> {
  for (const { membership, user } of await membersWithTranslation(scope.tx, room.id)) {
    const { autoTranslate: _stopped, ...details } = membership.details;
    await changeMembership(ctx, scope, room, membership, userRef(user), { details });
  }
}

/** Whoever has it switched on, in every room. */
export const whoTranslates = (ctx: Context): Promise<{ rid: string; uid: string }[]> =>
  translatedMembers(ctx.db);

/** A room may have members of every language on earth, and each costs a translation. */
const MAX_LANGUAGES = 20;

/** Into which languages a message of `senderId` is translated for the others in the room. */
export const languagesWanted = (ctx: Context, rid: string, senderId: string): Promise<string[]> =>
  languagesOfRoom(ctx.db, rid, { uid: senderId, limit: MAX_LANGUAGES });
