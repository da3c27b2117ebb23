import type { Context } from '../context.ts';
import type { Integration } from './integration.ts';
import type { ScriptOutcome } from './scripts/scripts.ts';

/** Methods that a script's class may have (spec 31 §3.1, §4.4). */
export type ScriptMethod =
  | 'process_incoming_request'
  | 'prepare_outgoing_request'
  | 'process_outgoing_response';

/** Runs one method of a webhook's script. A webhook without a script that works has no methods. */
export async function runScript(
  ctx: Context,
  integration: Integration,
  method: ScriptMethod,
  argument: object,
): Promise<ScriptOutcome> {
  const { _id: key, _updatedAt, scriptCompiled: script } = integration;
  if (!hasScript(ctx, integration) || script === undefined) return { kind: 'missing' };
  const outcome = await ctx.scripts.run({ key, version: _updatedAt.getTime(), script, method, argument });
  if (outcome.kind === 'threw') {
    ctx.log.warn({ integration: key, method, error: outcome.error }, 'a script failed');
  }
  return outcome;
}

export const hasScript = (ctx: Context, { scriptEnabled, scriptCompiled }: Integration): boolean =>
  scriptEnabled && scriptCompiled !== undefined && !ctx.config.disableIntegrationScripts;

/** The members of something that came out of a script; none when it is no object. */
export const membersOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};

/** Those members that are texts or numbers, as texts: headers and parameters. */
export function textMembers(value: unknown): Record<string, string> {
  const entries = Object.entries(membersOf(value)).filter(([, one]) =>
    ['string', 'number'].includes(typeof one),
  );
  return Object.fromEntries(entries.map(([name, one]) => [name, String(one)]));
}
