/** One mail, written out: header, footer and names are filled in already. */
export interface Mail {
  to: string;
  subject: string;
  text: string;
  html?: string | undefined;
}

declare module '../jobs/job.ts' {
  interface JobPayloads {
    'mail.send': Mail;
  }
}
