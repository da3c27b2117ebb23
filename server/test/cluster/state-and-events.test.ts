import { describe } from 'vitest';
import { everyClientIsInStepAfterRandomChanges } from '../model/random-changes.ts';
import { everyClientIsInStepAfterEachAction } from '../model/state-and-events.ts';
import { openCluster } from '../support/cluster.ts';
import { asOneServer } from '../support/one-server.ts';

describe('of two nodes, each hearing of what happens on the other', () => {
  everyClientIsInStepAfterEachAction(async (changes) => asOneServer(await openCluster(2, changes), 1));
});

describe('of two nodes that change the same at the same time', () => {
  everyClientIsInStepAfterRandomChanges(async () => asOneServer(await openCluster(2), 2), '1-2');
});
