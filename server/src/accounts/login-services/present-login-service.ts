import type { Settings } from '../../kernel/settings.ts';
import { presentCas } from '../cas/cas-service.ts';
import { presentSaml } from '../saml/saml-service.ts';
import { type LoginService, loginServices, serviceId } from './login-service.ts';

/** A login service as clients get it: what they need to begin, never a secret (spec 22, `service.configurations`). */
export type PresentedService = { _id: string; service: string } & Record<string, unknown>;

/** Clients that know a service build the address of its page themselves, for the others it is told. */
export const presentLoginServices = (settings: Settings): PresentedService[] => [
  ...loginServices(settings).map(presentLoginService),
  ...[...presentCas(settings), ...presentSaml(settings)].map((fields) => ({
    _id: serviceId(fields.service),
    ...fields,
  })),
];

function presentLoginService(login: LoginService): PresentedService {
  const { id, service, custom, clientId, server, paths, button, scope, published, loginStyle, told } = login;
  return {
    _id: id,
    service,
    [button.idKey]: clientId,
    buttonLabelText: button.label,
    buttonLabelColor: button.labelColor,
    buttonColor: button.color,
    loginStyle,
    showButton: button.shown,
    ...(custom ? { custom } : {}),
    ...(published
      ? {
          serverURL: server,
          authorizePath: paths.authorize,
          tokenPath: paths.token,
          identityPath: paths.identity,
          scope,
        }
      : {}),
    ...told,
  };
}

/** Services of which `settings.oauth` says everything; of the others what a login button needs (spec 22). */
const TOLD_IN_FULL: ReadonlySet<string> = new Set(['wordpress', 'cas', 'saml']);

export function presentLoginButton(service: PresentedService): Record<string, unknown> {
  if (service.custom || TOLD_IN_FULL.has(service.service)) return service;
  return {
    _id: service._id,
    name: service.service,
    clientId: service.clientId ?? service.appId,
    buttonLabelText: service.buttonLabelText,
    buttonColor: service.buttonColor,
    buttonLabelColor: service.buttonLabelColor,
    custom: false,
  };
}
