import { createHmac } from 'node:crypto';
import { changeUser } from '../accounts/change-user.ts';
import { loadUser } from '../accounts/find-users.ts';
import { MAILING_SECRET } from '../admin/setting-table.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { secretsEqual } from '../kernel/ids.ts';

/** Refusing mails that go to many: whoever got one can, without a login, and nobody else can for them. */

/** Where the page is that a mail links to. */
export const unsubscribeLink = (ctx: Context, uid: string): string =>
  `${ctx.settings.text('Site_Url')}/mailer/unsubscribe/${encodeURIComponent(uid)}/${keyOf(ctx, uid)}`;

/** Whether the key came with a mail to this person. */
export const isUnsubscribeKey = (ctx: Context, uid: string, key: string): boolean =>
  secretsEqual(key, keyOf(ctx, uid));

/**
 * Nobody gets mailings any more who once has said so. `key`: what the link of a mail ends with; a caller may give the
 * time (ms) at which the own account was made instead, as older clients do. Throws `error-invalid-link`.
 */
export async function unsubscribe(
  ctx: Context,
  caller: Caller | null,
  { uid, key }: { uid: string; key: string },
): Promise<void> {
  await ctx.write(async (tx, emit) => {
    const user = await loadUser(tx, uid);
    const isOwner = user !== undefined && caller?.uid === uid && String(user.createdAt) === key;
    if (!user || !(isOwner || isUnsubscribeKey(ctx, uid, key))) {
      fail('error-invalid-link', 'This link is not valid', { function: 'Mailer.unsubscribe' });
    }
    await changeUser(ctx, tx, emit, { uid, set: { noMailings: true } });
  });
}

function keyOf({ settings }: Context, uid: string): string {
  return createHmac('sha256', settings.text(MAILING_SECRET)).update(`unsubscribe ${uid}`).digest('base64url');
}
