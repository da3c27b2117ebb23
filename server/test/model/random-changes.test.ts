import { startServer } from '../support/server.ts';
import { everyClientIsInStepAfterRandomChanges } from './random-changes.ts';

everyClientIsInStepAfterRandomChanges(startServer, '1-3');
