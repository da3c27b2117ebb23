import { newId } from '../kernel/ids.ts';

const LENGTH = 48;

/** The secret part of an incoming webhook's address (spec 31 §2.1). */
export const newWebhookToken = (): string => (newId() + newId() + newId()).slice(0, LENGTH);
