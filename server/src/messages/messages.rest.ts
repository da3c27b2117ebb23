import type { Endpoint } from '../rest/endpoint.ts';
import { chatEndpoints } from './chat.rest.ts';
import { discussionEndpoints } from './discussions.rest.ts';
import { pruneEndpoints } from './prune.rest.ts';
import { readReceiptEndpoints } from './read-receipts.rest.ts';
import { roomHistoryEndpoints } from './room-history.rest.ts';
import { searchEndpoints } from './search/search.rest.ts';
import { threadEndpoints } from './threads.rest.ts';

/** Every REST endpoint of messages. */
export const messageEndpoints: Endpoint[] = [
  ...chatEndpoints,
  ...threadEndpoints,
  ...roomHistoryEndpoints,
  ...discussionEndpoints,
  ...searchEndpoints,
  ...pruneEndpoints,
  ...readReceiptEndpoints,
];
