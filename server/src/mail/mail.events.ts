import type { Mail } from './mail.ts';

declare module '../kernel/events.ts' {
  interface Events {
    /** A mail is to go out. Published after the commit of what it tells about; `Mailer` listens. */
    'mail.queued': Mail;
  }
}
