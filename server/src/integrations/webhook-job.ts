import type { WebhookEvent } from './integration.ts';

/** One call of one address of an outgoing webhook: what the job of a delivery carries. */
export interface Delivery {
  /** The same for every attempt, so that receivers can tell duplicates. */
  id: string;
  integrationId: string;
  url: string;
  event: WebhookEvent;
  /** What is sent (spec 31 §4.2), but for the token, which is taken when it is sent. */
  data: Record<string, unknown>;
  triggerWord?: string;
  /** The room of the event: where an answer is posted unless it, or the webhook, says otherwise. */
  rid?: string;
  /** Attempts so far. */
  tries: number;
}

declare module '../jobs/job.ts' {
  interface JobPayloads {
    'integrations.deliver': Delivery;
  }
}
