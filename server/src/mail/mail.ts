/** One mail, written out: header, footer and names are filled in already. */
export interface Mail {
  to: string;
  subject: string;
  text: string;
  html?: string | undefined;
  /** Default: the address of the workspace. */
  from?: Sender | undefined;
  /** Where the receiver can refuse further mails of the kind by one POST (RFC 8058). */
  unsubscribe?: string | undefined;
}

/** Who a mail says that it is from. */
export interface Sender {
  name: string;
  address: string;
}

declare module '../jobs/job.ts' {
  interface JobPayloads {
    'mail.send': Mail;
  }
}
