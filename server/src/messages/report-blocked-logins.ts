import { callerFor, findUserById } from '../accounts/find-users.ts';
import type { Context } from '../context.ts';
import { enqueue } from '../jobs/enqueue.ts';
import { jobHandler } from '../jobs/job.ts';
import { Refusal } from '../kernel/errors.ts';
import { getRoomByAnyName } from '../rooms/get-room.ts';
import type { CommitHooks } from '../storage/write.ts';
import { postMessage } from './post-message.ts';

/** A channel is told that somebody failed to log in too often (spec 20, "Failed-login blocking"). */

declare module '../jobs/job.ts' {
  interface JobPayloads {
    'messages.reportBlockedLogin': { who: string; until: number; attempts: number };
  }
}

const SETTING = 'Block_Multiple_Failed_Logins_Notify_Failed';
const REPORTER = 'rocket.cat';

/** Writes the job with the failure that was one too many, where the workspace wants to hear of it. */
export function reportBlockedLogins(ctx: Context, hooks: CommitHooks): void {
  hooks.on('login.blocked', (payload, scope) => {
    if (!ctx.settings.bool(SETTING)) return undefined;
    return enqueue(ctx, scope, { kind: 'messages.reportBlockedLogin', payload });
  });
}

export const blockedLoginJob = jobHandler({
  kind: 'messages.reportBlockedLogin',
  concurrency: 1,
  single: true,
  attempts: 3,
  timeoutMs: 30_000,
  async run(ctx, { id, payload: { who, until, attempts } }) {
    const channel = ctx.settings.text(`${SETTING}_Channel`).trim().replace(/^#/, '');
    const room = channel === '' ? undefined : await getRoomByAnyName(ctx, channel);
    const reporter = await findUserById(ctx, REPORTER);
    if (!room || !reporter) return;
    const lines = [
      `User or IP: ${who}`,
      `Blocked until: ${new Date(until).toISOString()}`,
      `Failed Attempts: ${attempts}`,
    ];
    const field = { title: 'Failed login attempt threshold exceeded', value: lines.join('\n'), short: false };
    const post = { channel: room.id, text: '', attachments: [{ color: 'red', fields: [field] }] };
    try {
      // The id of the job as that of the message: a second run posts nothing new.
      await postMessage(ctx, callerFor(reporter, { ip: '', userAgent: REPORTER }), post, {
        messageId: () => id,
      });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      ctx.log.warn({ channel, reason: error.message }, 'a blocked login was not reported');
    }
  },
});
