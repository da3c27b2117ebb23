import { loadUser } from '../accounts/find-users.ts';
import type { User } from '../accounts/user.ts';
import type { Context, WriteScope } from '../context.ts';
import { enqueue } from '../jobs/enqueue.ts';
import { jobHandler } from '../jobs/job.ts';
import { Refusal } from '../kernel/errors.ts';
import type { CommitHooks } from '../storage/write.ts';
import { placeAvatarOfData } from './avatar-picture.ts';
import { setAvatar } from './set-avatar.ts';
import { suggestionsFor } from './suggest-avatars.ts';

/**
 * Whoever comes in by another service has the picture that is known of them there, as soon as they have a username (spec 20,
 * "Registration"; `Accounts_SetDefaultAvatar`). Gravatar is not asked: nobody wanted it to hear of them.
 */

declare module '../jobs/job.ts' {
  interface JobPayloads {
    'files.firstAvatar': { uid: string };
  }
}

const KIND = 'files.firstAvatar';

export function giveFirstAvatars(ctx: Context, hooks: CommitHooks): void {
  hooks.on('user.created', ({ user }, scope) => giveLater(ctx, scope, user));
  hooks.on('user.nameChanged', ({ uid, username, oldUsername }, scope) =>
    oldUsername === undefined && username !== undefined ? giveNamed(ctx, scope, uid) : undefined,
  );
}

async function giveNamed(ctx: Context, scope: WriteScope, uid: string): Promise<void> {
  const user = await loadUser(scope.tx, uid);
  if (user) await giveLater(ctx, scope, user);
}

function giveLater(ctx: Context, scope: WriteScope, user: User): Promise<void> | undefined {
  const { _id: uid, username, avatarOrigin, identities = [] } = user;
  if (username === undefined || avatarOrigin !== undefined) return undefined;
  if (!identities.some(({ picture }) => picture !== undefined)) return undefined;
  if (!ctx.settings.bool('Accounts_SetDefaultAvatar')) return undefined;
  return enqueue(ctx, scope, { kind: KIND, payload: { uid }, key: uid });
}

/** The first picture that is one; none where the person has chosen another meanwhile. */
export const firstAvatarJob = jobHandler({
  kind: KIND,
  concurrency: 2,
  attempts: 3,
  timeoutMs: 60_000,
  async run(ctx, { payload: { uid } }) {
    const user = await loadUser(ctx.db, uid);
    if (!user || user.avatarOrigin !== undefined) return;
    for (const { service, blob } of Object.values(await suggestionsFor(ctx, user))) {
      try {
        await setAvatar(ctx, uid, await placeAvatarOfData(ctx, blob), service, { keepsOther: true });
        return;
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        ctx.log.info({ uid, service, reason: error.message }, 'a picture of a login service was not taken');
      }
    }
  },
});
