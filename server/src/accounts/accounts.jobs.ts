import type { JobHandler } from '../jobs/job.ts';
import { forgotPasswordJob } from './forgot-password.ts';
import { syncDirectoryJob } from './ldap/ldap.jobs.ts';
import { emailCodeJob } from './request-email-code.ts';
import type { RoomHooks } from './room-hooks.ts';

/** Every kind of stored work of accounts. */
export const accountJobs = (rooms: RoomHooks): JobHandler[] => [
  emailCodeJob,
  forgotPasswordJob,
  syncDirectoryJob(rooms),
];
