import type { Context } from '../../context.ts';
import { fail } from '../../kernel/errors.ts';
import { loginAddress } from './provider.ts';
import { keepRequest, newRequestId } from './saml-requests.ts';
import { type SamlService, samlService } from './saml-service.ts';

/** The service under this name. Throws `error-login-service-unknown`. */
export function samlServiceNamed({ settings }: Context, provider: string): SamlService {
  const service = samlService(settings);
  if (service?.provider !== provider) fail('error-login-service-unknown', 'There is no such login service');
  return service;
}

/**
 * Begins a login for the client that has chosen this token; answers where the browser goes. Throws
 * `error-login-service-unknown`, `error-login-service`.
 */
export async function beginSaml(
  ctx: Context,
  { provider, token }: { provider: string; token: string },
): Promise<string> {
  const service = samlServiceNamed(ctx, provider);
  const request = { id: newRequestId(), token };
  const address = await loginAddress(ctx, service, request);
  await keepRequest(ctx, request);
  return address;
}
