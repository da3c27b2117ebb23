import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { isMailConfigured } from './send-mail.ts';

/** Outgoing mail over REST (spec 23, "Administration"). */
export const mailEndpoints: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: 'smtp.check',
    summary: 'Whether the workspace can send mails.',
    auth: 'user',
    handler: (ctx) => ({ isSMTPConfigured: isMailConfigured(ctx) }),
  }),
];
