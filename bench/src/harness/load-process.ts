import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Answer, TaskInput, TaskName, TaskResult } from '../load/tasks.ts';

const ENTRY = fileURLToPath(new URL('../load/main.ts', import.meta.url));
/** No task of any scenario takes nearly as long. */
const TASK_MS = 150_000;

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** A process of its own that makes load or stands in for a bare server, so that it never shares an event loop. */
export class LoadProcess {
  readonly child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #ids = 0;

  constructor() {
    this.child = fork(ENTRY, { serialization: 'advanced' });
    this.child.on('message', (answer: Answer) => this.#settle(answer));
    this.child.on('exit', (code, signal) =>
      this.#fail(new Error(`a load process ended with ${code ?? signal}`)),
    );
    this.child.on('error', (error) => this.#fail(error));
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error('the load process did not start');
    return this.child.pid;
  }

  /** Runs a task in the process. Tasks of one process may overlap. */
  async run<N extends TaskName>(task: N, input: TaskInput<N>): Promise<TaskResult<N>> {
    const id = ++this.#ids;
    let timer: NodeJS.Timeout | undefined;
    const answered = new Promise<unknown>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      timer = setTimeout(() => reject(new Error(`${task} took longer than ${TASK_MS} ms`)), TASK_MS);
      this.child.send({ id, task, input });
    });
    try {
      return (await answered) as TaskResult<N>;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  /** Ends the process at once; it keeps nothing. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }

  #settle({ id, result, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new Error(error));
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
