import type { Scenario } from '../harness/scenario.ts';
import { diskScenario } from './disk.ts';
import { fanOutScenario } from './fan-out.ts';
import { filesScenario } from './files.ts';
import { growthScenario } from './growth.ts';
import { historyScenario } from './history.ts';
import { joinLeaveScenario } from './join-leave.ts';
import { listsScenario } from './lists.ts';
import { markdownScenario } from './markdown.ts';
import { memoryScenario } from './memory.ts';
import { nodesScenario } from './nodes.ts';
import { reconnectScenario } from './reconnect.ts';
import { searchScenario } from './search.ts';
import { sendScenario } from './send.ts';
import { startScenario } from './start.ts';

/** In the order in which they run. */
export const SCENARIOS: readonly Scenario[] = [
  startScenario,
  memoryScenario,
  sendScenario,
  markdownScenario,
  joinLeaveScenario,
  fanOutScenario,
  historyScenario,
  searchScenario,
  listsScenario,
  reconnectScenario,
  nodesScenario,
  diskScenario,
  filesScenario,
  growthScenario,
];
