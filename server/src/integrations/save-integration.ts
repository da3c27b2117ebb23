import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { refuse } from '../kernel/errors.ts';
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

/** Without `current`: for a new webhook. @throws plain `integration-scripts-disabled` */
export function refuseFrozenScript(ctx: Context, input: IntegrationInput, current?: Integration): void {
  if (!ctx.config.freezeIntegrationScripts) return;
  if ((input.script ?? '').trim() !== (current?.script ?? '').trim()) refuse('integration-scripts-disabled');
}

/** The script is kept also when it has a mistake, but does not run then. Nothing needs to be translated for our engine. */
export async function scriptOf(ctx: Context, input: IntegrationInput) {
  const { scriptEnabled, script, skipTranspile } = input;
  const mistake = script ? await ctx.scripts.check(script) : undefined;
  return {
    scriptEnabled,
    ...(script ? { script } : {}),
    ...(script && !mistake ? { scriptCompiled: script } : {}),
    ...(mistake ? { scriptError: mistake } : {}),
    scriptEngine: 'isolated-vm' as const,
    ...(skipTranspile === undefined ? {} : { skipTranspile }),
  };
}
