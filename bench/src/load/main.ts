// Entry of a load process: runs the tasks that its parent sends, see `tasks.ts`.
import { type Answer, type ProcessState, type Request, runTask } from './tasks.ts';

const state: ProcessState = {};

process.on('message', (request: Request) => {
  runTask(request, state).then(
    (result) => answer({ id: request.id, result }),
    (error: unknown) =>
      answer({
        id: request.id,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      }),
  );
});
// The parent is gone: nobody would ever end this process.
process.on('disconnect', () => process.exit(1));

function answer(message: Answer): void {
  process.send?.(message);
}
