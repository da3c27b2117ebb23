import { type ConsistencyRule, reference } from '../storage/consistency.ts';

/** What must hold in the tables of emoji and sounds of the workspace. */
export const customizationRules: readonly ConsistencyRule[] = [
  reference('custom_emoji', 'file_id', 'files'),
  reference('custom_emoji_names', 'emoji_id', 'custom_emoji'),
  reference('custom_sounds', 'file_id', 'files'),
];
