import type { JobHandler } from '../jobs/job.ts';
import { forgotPasswordJob } from './forgot-password.ts';
import type { SetPicture } from './ldap/directory-picture.ts';
import { pictureJob, syncDirectoryJob } from './ldap/ldap.jobs.ts';
import { emailCodeJob } from './request-email-code.ts';
import type { RoomHooks } from './room-hooks.ts';

/** Every kind of stored work of accounts. */
export const accountJobs = (rooms: RoomHooks, setPicture: SetPicture): JobHandler[] => [
  emailCodeJob,
  forgotPasswordJob,
  syncDirectoryJob(rooms, setPicture),
  pictureJob(setPicture),
];
