import { escapeHtml } from '../kernel/escape-html.ts';

/**
 * The page on which somebody lets a program in. It stands on its own: whoever has no login of a web client of this
 * workspace in the browser logs in on it. Everything from outside is escaped.
 */
export function consentPage(page: {
  site: string;
  app: string;
  nonce: string;
  /** Where the program wants to be answered, one of its own addresses. */
  redirectUri: string;
  /** Goes back with the answer. */
  fields: Readonly<Record<string, string>>;
}): string {
  const { site, app, nonce, redirectUri, fields } = page;
  const hidden = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  );
  const body = `<h1>${escapeHtml(site)}</h1>
<p><strong>${escapeHtml(app)}</strong> asks for access to your account.</p>
<form id="login" hidden>
<label>Username or email<input name="user" autocomplete="username" autocapitalize="none" required></label>
<label>Password<input name="password" type="password" autocomplete="current-password" required></label>
<label id="second" hidden>Code of your second factor<input name="code" autocomplete="one-time-code"></label>
<p id="problem" role="alert"></p><p class="choice"><button class="main">Log in</button></p></form>
<form id="consent" method="post" action="/oauth/authorize" hidden>${hidden.join('')}<input type="hidden" name="token">
<p>You are logged in as <strong id="who"></strong>. <button type="button" id="other">Use another account</button></p>
<p class="choice"><button class="main" name="allow" value="yes">Allow</button>${denial(redirectUri, fields.state)}</p></form>
<p class="quiet">You will be sent back to ${escapeHtml(hostOf(redirectUri))}.</p>
<noscript><p>This page needs JavaScript.</p></noscript>`;
  return document(site, nonce, `${body}<script nonce="${nonce}">${SCRIPT}</script>`);
}

/** What a browser says when it may not be sent back to the program. */
export const errorPage = (text: string, nonce: string): string =>
  document('Error', nonce, `<h1>Error</h1><p>${escapeHtml(text)}</p>`);

const document = (title: string, nonce: string, body: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style nonce="${nonce}">${STYLE}</style></head><body><main>${body}</main></body></html>`;

/** A program that was denied is told where it waits (RFC 6749 §4.1.2.1), unless a browser would run what it is told. */
function denial(redirectUri: string, state: string | undefined): string {
  if (!URL.canParse(redirectUri)) return POSTED_DENIAL;
  const target = new URL(redirectUri);
  if (['javascript:', 'data:', 'vbscript:'].includes(target.protocol)) return POSTED_DENIAL;
  target.searchParams.set('error', 'access_denied');
  if (state !== undefined) target.searchParams.set('state', state);
  return `<a href="${escapeHtml(target.href)}">Deny</a>`;
}

const POSTED_DENIAL = '<button name="allow" value="no">Deny</button>';

/** Programs on a device have addresses without a host. */
const hostOf = (uri: string): string => (URL.canParse(uri) && new URL(uri).host) || uri;

const STYLE = `:root{color-scheme:light dark;--page:#f2f3f5;--panel:#fff;--text:#1f2329;--quiet:#5f656e;--line:#8d939c;--main:#0b57d0;--on-main:#fff;--problem:#b3141f}
@media(prefers-color-scheme:dark){:root{--page:#141518;--panel:#222429;--text:#e6e8ec;--quiet:#a6abb3;--line:#777d86;--main:#8ab4ff;--on-main:#0b1a33;--problem:#ff8f8f}}
*{box-sizing:border-box}
body{margin:0;padding:1rem;font:16px/1.5 system-ui,sans-serif;background:var(--page);color:var(--text)}
main{max-width:26rem;margin:min(12vh,6rem) auto 0;padding:1.5rem;background:var(--panel);border-radius:12px;overflow-wrap:anywhere}
h1{margin:0 0 1rem;font-size:1.5rem;line-height:1.25}
label{display:block;margin:1rem 0;font-weight:600}
input:not([type=hidden]){display:block;width:100%;margin-top:.25rem;padding:.625rem .75rem;font:inherit;font-weight:400;color:inherit;background:var(--panel);border:1px solid var(--line);border-radius:6px}
button,.choice a{padding:.625rem 1.25rem;font:inherit;color:inherit;background:none;border:1px solid var(--line);border-radius:6px;text-decoration:none;cursor:pointer}
button.main{color:var(--on-main);background:var(--main);border-color:var(--main);font-weight:600}
#other{padding:0;border:0;color:var(--main);text-decoration:underline}
:focus-visible{outline:3px solid var(--main);outline-offset:2px}
.choice{display:flex;flex-wrap:wrap;gap:.75rem}
.quiet{margin-bottom:0;color:var(--quiet);font-size:.875rem}
#problem{color:var(--problem)}#problem:empty,[hidden]{display:none!important}`;

/** A login that a web client left in this browser is tried before it is offered: it may be long over. */
const SCRIPT = `
const login = document.getElementById('login'), consent = document.getElementById('consent');
const ask = (show) => { login.hidden = show !== login; consent.hidden = show !== consent; };
const offer = (token, username) => {
  consent.elements.token.value = token;
  document.getElementById('who').textContent = username;
  ask(consent);
};
const stored = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
const start = async () => {
  const token = stored('Meteor.loginToken'), user = stored('Meteor.userId');
  if (token && user) {
    const answer = await fetch('/api/v1/me', { headers: { 'X-Auth-Token': token, 'X-User-Id': user } }).catch(() => null);
    if (answer?.ok) return offer(token, (await answer.json()).username);
  }
  ask(login);
};
document.getElementById('other').addEventListener('click', () => ask(login));
login.addEventListener('submit', async (event) => {
  event.preventDefault();
  const problem = document.getElementById('problem'), second = document.getElementById('second');
  const form = Object.fromEntries(new FormData(login));
  if (!form.code) delete form.code;
  try {
    const answer = await fetch('/api/v1/login', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(form) });
    const body = await answer.json();
    if (answer.ok) return offer(body.data.authToken, body.data.me.username);
    second.hidden = !String(body.error).startsWith('totp-');
    if (!second.hidden) login.elements.code.focus();
    problem.textContent = body.error === 'totp-required' ? '' : body.error === 'Unauthorized' ? 'Wrong username or password.' : body.message || body.error;
  } catch {
    problem.textContent = 'The server cannot be reached.';
  }
});
start();`;
