import { isDeepStrictEqual } from 'node:util';
import {
  addCustomLoginService,
  refreshLoginServices,
  removeCustomLoginService,
} from '../../admin/custom-login-services.ts';
import type { Context } from '../../context.ts';
import { type DdpMethod, userMethod } from '../../realtime/declarations.ts';
import { textParam } from '../../realtime/params.ts';
import type { Realtime } from '../../realtime/server.ts';
import { RESERVED_NAMES } from './login-service.ts';
import { presentLoginServices } from './present-login-service.ts';

/** The methods of older administration pages (spec 40 §10). */
export const loginServiceMethods: DdpMethod[] = [
  userMethod(
    'addOAuthService',
    (ctx, { caller, params: [name] }) => addCustomLoginService(ctx, caller, textParam(name), RESERVED_NAMES),
    { twoFactor: true },
  ),
  userMethod(
    'removeOAuthService',
    (ctx, { caller, params: [name] }) => removeCustomLoginService(ctx, caller, textParam(name)),
    { twoFactor: true },
  ),
  userMethod('refreshOAuthService', (ctx, { caller }) => refreshLoginServices(ctx, caller), {
    twoFactor: true,
  }),
];

/** The documents of the publication `meteor.loginServiceConfiguration` (spec 40 §8.11). */
export function loginServiceDocuments({
  settings,
}: Pick<Context, 'settings'>): { id: string; fields: object }[] {
  return presentLoginServices(settings).map(({ _id, ...fields }) => ({ id: _id, fields }));
}

/** Settings whose change may show in what is published. */
const PREFIXES = ['Accounts_OAuth_', 'API_', 'CAS_', 'SAML_', 'Gantry_Custom_Login_Services'];

/** Tells subscribers of the publication which documents came, changed and went with a setting. */
export function wireLoginServices(ctx: Context, realtime: Pick<Realtime, 'publishDocument'>): void {
  const documents = () => new Map(loginServiceDocuments(ctx).map(({ id, fields }) => [id, fields]));
  let known = documents();
  const publish = (msg: 'added' | 'changed' | 'removed', id: string, fields?: object) =>
    realtime.publishDocument('meteor.loginServiceConfiguration', msg, id, fields);
  ctx.events.on('setting.changed', ({ id: setting }) => {
    if (!PREFIXES.some((prefix) => setting.startsWith(prefix))) return;
    const now = documents();
    for (const id of known.keys()) if (!now.has(id)) publish('removed', id);
    for (const [id, fields] of now) {
      const before = known.get(id);
      if (!before) publish('added', id, fields);
      else if (!isDeepStrictEqual(before, fields)) publish('changed', id, fields);
    }
    known = now;
  });
}
