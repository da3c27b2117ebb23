import { createHash } from 'node:crypto';
import type { Context } from '../context.ts';

/**
 * The script that a web client made with Meteor runs before itself (spec 41 §3.1): where its server is and how it calls
 * methods. No such client is served here, so there are no versions whose change would make one reload.
 */
export function meteorRuntimeConfig({ settings }: Pick<Context, 'settings'>): {
  script: string;
  hash: string;
} {
  const rootUrl = settings.text('Site_Url');
  const config = {
    meteorRelease: 'none',
    meteorEnv: { NODE_ENV: 'production', TEST_METADATA: '{}' },
    PUBLIC_SETTINGS: {},
    ROOT_URL: rootUrl.endsWith('/') ? rootUrl : `${rootUrl}/`,
    ROOT_URL_PATH_PREFIX: pathOf(rootUrl),
    autoupdate: { versions: {} },
    appId: settings.text('uniqueID'),
    isModern: true,
    reactFastRefreshEnabled: false,
  };
  const text = encodeURIComponent(JSON.stringify(config));
  const methodsOverHttp = settings.bool('API_Use_REST_For_DDP_Calls')
    ? 'window.USE_REST_FOR_DDP_CALLS = true;\n'
    : '';
  const script = `__meteor_runtime_config__ = JSON.parse(decodeURIComponent("${text}"));\n${methodsOverHttp}`;
  return { script, hash: createHash('sha1').update(script).digest('hex') };
}

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname.replace(/\/+$/, '') : '';
}
