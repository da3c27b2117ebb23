import { escapeHtml } from '../kernel/escape-html.ts';

/**
 * The page on which somebody lets a program in. It stands on its own: whoever has no login token of a web client of this
 * workspace in the browser logs in on it. Everything from outside is escaped.
 */
export function consentPage(page: {
  site: string;
  app: string;
  nonce: string;
  /** Goes back with the answer. */
  fields: Readonly<Record<string, string>>;
}): string {
  const { site, app, nonce, fields } = page;
  const hidden = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(site)}</title><style nonce="${nonce}">${STYLE}</style></head><body><main>
<h1>${escapeHtml(site)}</h1>
<p><strong>${escapeHtml(app)}</strong> asks for access to your account.</p>
<form id="login">
<label>Username or email<input name="user" autocomplete="username" required></label>
<label>Password<input name="password" type="password" autocomplete="current-password" required></label>
<label id="second" hidden>Code of your second factor<input name="code" autocomplete="one-time-code"></label>
<p id="problem" role="alert"></p><button>Log in</button></form>
<form id="consent" method="post" action="/oauth/authorize" hidden>${hidden.join('')}
<input type="hidden" name="token"><button name="allow" value="yes">Allow</button>
<button name="allow" value="no">Deny</button></form>
</main><script nonce="${nonce}">${SCRIPT}</script></body></html>`;
}

/** What a browser says when it may not be sent back to the program. */
export const errorPage = (text: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Error</title></head><body><p>${escapeHtml(text)}</p></body></html>`;

const STYLE =
  'body{font:16px sans-serif;margin:0;background:#f7f8fa}main{max-width:24rem;margin:4rem auto;padding:2rem;background:#fff;border-radius:8px}' +
  'label{display:block;margin:1rem 0}input:not([type=hidden]){display:block;width:100%;box-sizing:border-box;padding:.5rem;font:inherit}' +
  'button{padding:.5rem 1rem;font:inherit}[hidden]{display:none}#problem{color:#bb0b21}';

const SCRIPT = `
const login = document.getElementById('login'), consent = document.getElementById('consent');
const show = (token) => { consent.elements.token.value = token; login.hidden = true; consent.hidden = false; };
let known = null;
try { known = localStorage.getItem('Meteor.loginToken'); } catch {}
if (known) show(known);
login.addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = Object.fromEntries(new FormData(login));
  if (!form.code) delete form.code;
  const answer = await fetch('/api/v1/login', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(form) });
  const body = await answer.json();
  if (answer.ok) return show(body.data.authToken);
  document.getElementById('second').hidden = !String(body.error).startsWith('totp-');
  document.getElementById('problem').textContent = body.message || body.error || 'Not logged in';
});`;
