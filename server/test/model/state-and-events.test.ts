import { startServer } from '../support/server.ts';
import { everyClientIsInStepAfterEachAction } from './state-and-events.ts';

everyClientIsInStepAfterEachAction(startServer);
