import { accountJobs } from './accounts/accounts.jobs.ts';
import { planSync } from './accounts/ldap/ldap.jobs.ts';
import { removeOldLoginAttempts } from './accounts/login-blocking.ts';
import { removeExpiredCredentials } from './accounts/login-services/pending-credentials.ts';
import { removeExpiredLogins } from './accounts/login-services/pending-logins.ts';
import { removeOldMailTokens } from './accounts/mail-tokens.ts';
import { removeExpiredOAuthTokens } from './accounts/oauth-tokens.ts';
import type { Presence } from './accounts/presence.ts';
import { removeExpiredSessions } from './accounts/sessions.ts';
import type { Instances } from './admin/instances.ts';
import { collectDaily } from './admin/statistics.ts';
import { forgetOldActions } from './audit/forget-old.ts';
import { busyJob } from './calendar/busy.ts';
import { remindJob } from './calendar/remind.ts';
import type { Cluster } from './cluster/cluster.ts';
import { expireConferenceJob } from './conferences/conferences.ts';
import type { Context } from './context.ts';
import { expireExports } from './exports/expire-exports.ts';
import { exportJob } from './exports/export-job.ts';
import type { FileChores } from './files/file-chores.ts';
import { firstAvatarJob } from './files/first-avatar.ts';
import { setAvatarOfBytes } from './files/set-avatar.ts';
import { downloadJob } from './imports/download-job.ts';
import { importJob } from './imports/import-job.ts';
import { prepareJob } from './imports/prepare-job.ts';
import { sweepJob } from './imports/sweep-job.ts';
import { deliverWebhooks } from './integrations/deliver-webhook.ts';
import type { JobHandler } from './jobs/job.ts';
import { mailJob } from './mail/mail-job.ts';
import type { Mailer } from './mail/mailer.ts';
import { mailingJob } from './mailings/mailing.ts';
import { blockedLoginJob } from './messages/report-blocked-logins.ts';
import { messageMailJob } from './notifications/mail-of-message.ts';
import { pushJob } from './notifications/push-job.ts';
import { tellJob } from './notifications/tell-later.ts';
import { forgetOldPreviews, previewJob } from './previews/show-previews.ts';
import type { OldMessages } from './retention/prune-old.ts';
import { roomHooks } from './rooms/account-hooks.ts';
import type { SharedDatabase } from './storage/database.ts';
import { deleteTombstonesBefore } from './storage/tombstones.store.ts';
import { translationJob } from './translation/translation-job.ts';

/** What does the stored jobs (`jobs/`). */
export const jobHandlers = (mailer: Mailer): JobHandler[] => [
  previewJob,
  ...accountJobs(roomHooks, setAvatarOfBytes),
  mailJob(mailer),
  mailingJob,
  deliverWebhooks(),
  translationJob,
  expireConferenceJob,
  exportJob,
  firstAvatarJob,
  downloadJob,
  prepareJob,
  importJob(roomHooks),
  sweepJob,
  tellJob,
  pushJob,
  messageMailJob,
  blockedLoginJob,
  remindJob,
  busyJob,
];

/** How often it is looked whether the next synchronization is among the jobs. */
const PLAN_SYNC_MS = 60_000;
const EXPIRED_SESSIONS_MS = 10 * 60_000;
/** How often it is looked whether a day has passed. */
const STATISTICS_MS = 60 * 60_000;
/** How often it is looked whether the time of a pass has come. */
const RETENTION_MS = 60_000;
const EXPORTS_MS = 10 * 60_000;
const UNSENT_UPLOADS_MS = 10 * 60_000;
const TIMED_STATUS_MS = 5000;
const TOMBSTONES_MS = 6 * 60 * 60_000;
const AUDIT_MS = 60 * 60_000;
/** Clients may rely on 30 days (spec 41 §14.10). */
const TOMBSTONES_KEPT_MS = 35 * 24 * 60 * 60_000;

/** What the commits of long ago told is removed that often. */
const OLD_COMMITS_MS = 5 * 60_000;

export interface ChoreParts {
  presence: Presence;
  files: FileChores;
  oldMessages: OldMessages;
  instances: Instances;
  /** Undefined where the process has the database for itself. */
  cluster?: (Pick<Cluster, 'forgetOld'> & { database: Pick<SharedDatabase, 'leads'> }) | undefined;
}

/** Periodic work, on one node of several at a time; the timers do not keep the process alive. */
export function startChores(
  ctx: Context,
  { presence, files, oldMessages, instances, cluster }: ChoreParts,
): NodeJS.Timeout[] {
  const everyNode = (ms: number, name: string, work: () => Promise<unknown>) =>
    setInterval(() => {
      work().catch((err) => ctx.log.error({ err, chore: name }, 'periodic work failed'));
    }, ms).unref();
  const every = (ms: number, name: string, work: () => Promise<unknown>) =>
    everyNode(ms, name, async () => {
      if (!cluster || (await cluster.database.leads())) await work();
    });
  return [
    every(EXPIRED_SESSIONS_MS, 'expired sessions', () => removeExpiredSessions(ctx)),
    every(EXPIRED_SESSIONS_MS, 'expired tokens of programs', () => removeExpiredOAuthTokens(ctx)),
    every(EXPIRED_SESSIONS_MS, 'logins by other services that nobody finished', () =>
      removeExpiredCredentials(ctx),
    ),
    every(EXPIRED_SESSIONS_MS, 'logins led by the server that nobody finished', () =>
      removeExpiredLogins(ctx),
    ),
    every(EXPIRED_SESSIONS_MS, 'old links in mails', () => removeOldMailTokens(ctx)),
    every(PLAN_SYNC_MS, 'plan of the LDAP synchronization', () => planSync(ctx)),
    every(STATISTICS_MS, 'statistics', () => collectDaily(ctx, instances)),
    every(EXPIRED_SESSIONS_MS, 'old login attempts', () => removeOldLoginAttempts(ctx)),
    every(TOMBSTONES_MS, 'old tombstones', () =>
      ctx.write((tx) => deleteTombstonesBefore(tx, ctx.clock.now() - TOMBSTONES_KEPT_MS)),
    ),
    every(AUDIT_MS, 'old entries of the audit trail', () => forgetOldActions(ctx)),
    every(TOMBSTONES_MS, 'old previews', () => forgetOldPreviews(ctx)),
    every(RETENTION_MS, 'old messages', () => oldMessages.pruneIfDue()),
    every(EXPORTS_MS, 'old exports', () => expireExports(ctx)),
    every(UNSENT_UPLOADS_MS, 'unsent uploads', () => files.removeExpired()),
    // Reads only, as long as nothing is due. The directory of another node may be another one.
    everyNode(UNSENT_UPLOADS_MS, 'bytes of removed files', () => files.sweep()),
    every(TIMED_STATUS_MS, 'timed statuses', () => presence.endTimedStatuses()),
    ...(cluster ? [every(OLD_COMMITS_MS, 'old commits', () => cluster.forgetOld())] : []),
  ];
}
