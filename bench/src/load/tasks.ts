import { type Broadcaster, broadcast, openBroadcaster, waitForReceivers } from '../raw/broadcast.ts';
import { openEcho } from '../raw/echo.ts';
import { insertRows } from '../raw/inserts.ts';
import { checkpoint } from '../seed/checkpoint.ts';
import { fillLibrary } from '../seed/fill-library.ts';
import { seedCrowd } from '../seed/seed-crowd.ts';
import { seedSmallWorkspace, seedWorkspace } from '../seed/seed-workspace.ts';
import { historyPages } from './history-pages.ts';
import { joinAndLeave } from './join-leave.ts';
import {
  awaitMessages,
  closeListeners,
  forgetFrames,
  type Listeners,
  messagePayload,
  openListeners,
} from './listeners.ts';
import { readPages } from './pages.ts';
import { reconnectAll } from './reconnect.ts';
import { searchRoom } from './search-room.ts';
import { sendMessages, sendPaced } from './send-messages.ts';
import { downloadFile, uploadFile, writeBareFile } from './transfer-file.ts';

/** What a load process keeps between tasks. */
export interface ProcessState {
  listeners?: Listeners;
  broadcaster?: Broadcaster;
}

/** Everything a load process can do. Input and result cross a process boundary: plain data only. */
const tasks = {
  seedWorkspace,
  seedSmallWorkspace,
  fillLibrary,
  seedCrowd,
  checkpoint,
  sendMessages,
  sendPaced,
  historyPages,
  searchRoom,
  readPages,
  joinAndLeave,
  reconnectAll,
  openListeners,
  forgetFrames,
  awaitMessages,
  messagePayload,
  closeListeners,
  openBroadcaster,
  waitForReceivers,
  broadcast,
  openEcho,
  insertRows,
  uploadFile,
  downloadFile,
  writeBareFile,
};

export type TaskName = keyof typeof tasks;
export type TaskInput<N extends TaskName> = Parameters<(typeof tasks)[N]>[0];
export type TaskResult<N extends TaskName> = Awaited<ReturnType<(typeof tasks)[N]>>;

export interface Request {
  id: number;
  task: TaskName;
  input: unknown;
}

export interface Answer {
  id: number;
  result?: unknown;
  error?: string;
}

export async function runTask({ task, input }: Request, state: ProcessState): Promise<unknown> {
  // The parent's `run` has checked that the input belongs to the task.
  const run = tasks[task] as (input: unknown, state: ProcessState) => unknown;
  return run(input, state);
}
