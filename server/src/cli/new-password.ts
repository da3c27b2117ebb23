import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { CommandError, type Flag, type FlagValues, type Terminal } from './command.ts';

/** No flag takes the password itself: the command line of a process can be read by everybody on the machine. */
export const passwordFlags: Readonly<Record<string, Flag>> = {
  'password-stdin': {
    description: 'Read the password from standard input; without it, a random one is made and shown',
  },
};

export interface NewPassword {
  password: string;
  /** Made here, so it must be shown. */
  isRandom: boolean;
}

export async function newPassword(flags: FlagValues, terminal: Terminal): Promise<NewPassword> {
  if (!flags['password-stdin']) return { password: randomBytes(15).toString('base64url'), isRandom: true };
  const lines = createInterface({ input: terminal.stdin });
  for await (const line of lines) {
    lines.close();
    if (line) return { password: line, isRandom: false };
    break;
  }
  throw new CommandError('--password-stdin found no password on standard input');
}
