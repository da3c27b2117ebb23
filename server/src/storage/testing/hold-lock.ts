import { lockDirectory } from '../sqlite/directory-lock.ts';

/** Run by a test in a process of its own: locks the directory, says so and stays until it is killed. */
await lockDirectory(process.argv[2] ?? '');
process.stdout.write('locked\n');
setInterval(() => {}, 1000);
