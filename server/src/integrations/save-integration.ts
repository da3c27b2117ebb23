import type { Caller } from '../kernel/caller.ts';
import type { Integration } from './integration.ts';

/** What somebody who makes or changes a webhook says; both directions have this. */
export interface IntegrationInput {
  name: string;
  enabled: boolean;
  username?: string;
  /** Comma-separated. */
  channel?: string;
  alias?: string;
  avatar?: string;
  emoji?: string;
  scriptEnabled: boolean;
  script?: string;
  skipTranspile?: boolean;
}

export const callerName = ({ uid, username }: Caller) => ({ _id: uid, username: username ?? '' });

/** How its messages look; empty texts count as not given. */
export function lookOf({
  alias,
  avatar,
  emoji,
}: IntegrationInput): Pick<Integration, 'alias' | 'avatar' | 'emoji'> {
  return { ...(alias ? { alias } : {}), ...(avatar ? { avatar } : {}), ...(emoji ? { emoji } : {}) };
}

export function scriptOf(input: IntegrationInput) {
  const { scriptEnabled, script, skipTranspile } = input;
  return {
    scriptEnabled,
    ...(script ? { script } : {}),
    scriptEngine: 'isolated-vm' as const,
    ...(skipTranspile === undefined ? {} : { skipTranspile }),
  };
}
