import { escapeHtml } from '../../kernel/escape-html.ts';
import type { Credential } from './come-back.ts';

/**
 * What a browser sees when it comes back from a service. The page hands token and secret to the client, which asks for them in
 * one of these ways: a function or a message in the window that opened it, the storage of the workspace's own pages, or the
 * address of the page itself (apps with a web view). Everything from outside is escaped, and nothing of it is code.
 */
export function comeBackPage(site: string, { state, credentialSecret }: Credential, nonce: string): string {
  const { credentialToken, loginStyle, isCordova, redirectUrl } = state;
  const handed = { credentialToken, credentialSecret, loginStyle, isCordova, redirectUrl };
  const body = `<main><h1>${escapeHtml(site)}</h1><p>Login completed. You can close this window.</p></main>
<script nonce="${nonce}">${SCRIPT}</script>`;
  return page(site, nonce, `<body data-handed="${escapeHtml(JSON.stringify(handed))}">${body}</body>`);
}

/** The same for a service that hands nothing over: the client asks for the outcome by the token that it began with. */
export function closingPage(site: string, credentialToken: string, nonce: string): string {
  const body = `<main><h1>${escapeHtml(site)}</h1><p>Login completed. You can close this window.</p></main>
<script nonce="${nonce}">${CLOSING_SCRIPT}</script>`;
  const handed = escapeHtml(JSON.stringify({ credentialToken }));
  return page(site, nonce, `<body data-handed="${handed}">${body}</body>`);
}

/** Why a login did not come to its end. */
export const failedPage = (site: string, reason: string, nonce: string): string =>
  page(
    site,
    nonce,
    `<body><main><h1>${escapeHtml(site)}</h1><p role="alert">${escapeHtml(reason.replace(/\.$/, ''))}.</p><p>Close this window and try again.</p></main></body>`,
  );

const page = (site: string, nonce: string, body: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(site)}</title><style nonce="${nonce}">${STYLE}</style></head>${body}</html>`;

const STYLE =
  'body{font:16px sans-serif;margin:0;background:#f7f8fa}main{max-width:24rem;margin:4rem auto;padding:2rem;background:#fff;border-radius:8px}';

/** The prefix is that of the clients' own OAuth library. A message goes to windows of the workspace only. */
const SCRIPT = `
const { credentialToken, credentialSecret, loginStyle, isCordova, redirectUrl } = JSON.parse(document.body.dataset.handed);
const key = 'Meteor.oauth.credentialSecret-' + credentialToken;
if (loginStyle === 'redirect') {
  try { sessionStorage.setItem(key, credentialSecret); } catch {}
  location.replace(redirectUrl);
} else if (isCordova) {
  location.hash = JSON.stringify({ credentialToken, credentialSecret });
} else {
  try { window.opener.Package.oauth.OAuth._handleCredentialSecret(credentialToken, credentialSecret); }
  catch { try { localStorage.setItem(key, credentialSecret); } catch {} }
  try { window.opener.postMessage({ type: 'login-service', credentialToken, credentialSecret }, location.origin); } catch {}
  window.close();
}`;

const CLOSING_SCRIPT = `
const { credentialToken } = JSON.parse(document.body.dataset.handed);
try { window.opener.postMessage({ type: 'login-service', credentialToken }, location.origin); } catch {}
window.close();`;
