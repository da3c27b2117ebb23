import type { Context } from '../context.ts';
import { guardedFetch } from '../outbound/guarded-fetch.ts';
import { OutboundError } from '../outbound/outbound-error.ts';
import type { ProviderRequest, TranslationProvider } from './provider.ts';
import { PROVIDERS } from './providers.ts';

const TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 2 * 1024 ** 2;

/** The service did not translate. What it was asked, and with which key, is in no message. */
export class TranslationFailure extends Error {
  /** The same request may succeed some time later. */
  readonly passes: boolean;

  constructor(message: string, passes: boolean) {
    super(message);
    this.passes = passes;
  }
}

/** The service that the workspace has chosen; undefined while it has no key for it. */
export function chosenProvider({ settings }: Pick<Context, 'settings'>): TranslationProvider | undefined {
  const id = settings.text('AutoTranslate_ServiceProvider');
  const provider = PROVIDERS.find((one) => one.id === id);
  return provider && settings.text(provider.keySetting) !== '' ? provider : undefined;
}

/** @throws TranslationFailure */
export async function askProvider<T>(
  ctx: Pick<Context, 'config' | 'settings'>,
  provider: TranslationProvider,
  request: ProviderRequest<T>,
  signal?: AbortSignal,
): Promise<T> {
  const key = ctx.settings.text(provider.keySetting);
  const origin = ctx.config.translationUrl ?? provider.origin(key);
  const { status, body } = await answerOf(provider, () =>
    guardedFetch(ctx, `${origin}${request.path}`, {
      headers: {
        ...provider.headers(key),
        ...request.headers,
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(request.body === undefined ? {} : { method: 'POST', body: JSON.stringify(request.body) }),
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_ANSWER_BYTES,
      // The key must not be carried to wherever a redirect leads.
      maxRedirects: 0,
      ...(signal ? { signal } : {}),
    }),
  );
  if (status !== 200) {
    const passes = status >= 500 || status === 429 || status === 408;
    throw new TranslationFailure(`${provider.id} answered with status ${status}`, passes);
  }
  const answer = readJson(body, request);
  if (answer === undefined) throw new TranslationFailure(`${provider.id} gave no sensible answer`, false);
  return answer;
}

async function answerOf<A>(provider: TranslationProvider, ask: () => Promise<A>): Promise<A> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    const passes = error.fault === 'timeout' || error.fault === 'network';
    throw new TranslationFailure(`${provider.id} could not be asked: ${error.fault}`, passes);
  }
}

function readJson<T>(body: Buffer, request: ProviderRequest<T>): T | undefined {
  try {
    return request.read(JSON.parse(body.toString('utf8')));
  } catch {
    return undefined;
  }
}
