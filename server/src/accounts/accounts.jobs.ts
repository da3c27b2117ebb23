import type { JobHandler } from '../jobs/job.ts';
import { forgotPasswordJob } from './forgot-password.ts';
import { emailCodeJob } from './request-email-code.ts';

/** Every kind of stored work of accounts. */
export const accountJobs: readonly JobHandler[] = [emailCodeJob, forgotPasswordJob];
