import { type ConsistencyRule, reference } from '../storage/consistency.ts';

/** What must hold in the table of calls. */
export const conferenceRules: readonly ConsistencyRule[] = [reference('conferences', 'rid', 'rooms')];
