import type { AuditKind } from '../audit/record.ts';
import type { Context, WriteScope } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { queueMail } from '../mail/send-mail.ts';
import { loadUser, namesUser, resolveUser, type UserParams } from './find-users.ts';
import { recordUserAction } from './record-user-action.ts';
import { endAllSessions } from './sessions.ts';
import type { User } from './user.ts';

/** Something only its owner can use, and may have lost: a second factor, the key for encryption. */
export interface LostSecret {
  /** As refusals name the reset. */
  method: string;
  /** Needed to reset that of somebody else. */
  permission: string;
  audited: AuditKind;
  subject: string;
  /** As the mail calls it, at the beginning of its sentence. */
  name: string;
  remove(scope: WriteScope, user: User): Promise<void>;
}

/**
 * Takes it from the caller or from somebody else, ends all sessions of the person and tells by mail (spec 21,
 * `users.resetTOTP`, `users.resetE2EKey`). Throws `error-not-allowed` for others without the permission, the errors of
 * naming a user.
 */
export async function resetSecret(
  ctx: Context,
  caller: Caller,
  who: UserParams,
  secret: LostSecret,
): Promise<void> {
  const details = { method: secret.method };
  const others = namesUser(who);
  if (others && !ctx.permissions.has(caller, secret.permission)) {
    fail('error-not-allowed', 'Not allowed', details);
  }
  const uid = others ? (await resolveUser(ctx, who))._id : caller.uid;
  await ctx.write(async (tx, emit) => {
    const user = await loadUser(tx, uid);
    if (!user) fail('error-invalid-user', 'Invalid user', details);
    await secret.remove({ tx, emit }, user);
    if (uid !== caller.uid) await recordUserAction(ctx, tx, caller, { kind: secret.audited, user });
    const html = `<p>${secret.name} was reset. If you did not expect this, tell an administrator.</p>`;
    for (const { address, verified } of user.emails) {
      if (verified) await queueMail(ctx, { tx, emit }, { to: address, subject: secret.subject, html });
    }
    emit('user.forceLogout', { uid });
    await endAllSessions(tx, emit, uid, 'factor-changed');
  });
}
