/** What a client sends through the page of a service and gets back from there (spec 20, "Browser flow"). */
export interface LoginState {
  loginStyle: 'popup' | 'redirect';
  /** Chosen by the client: it asks for the outcome by it. */
  credentialToken: string;
  /** An app that watches the address of its web view. */
  isCordova: boolean;
  /** Where the browser goes afterwards, with `redirect`. */
  redirectUrl: string | undefined;
}

const MAX_STATE = 8192;
/** Long enough that nobody meets that of somebody else. */
const MIN_TOKEN = 16;
const MAX_TOKEN = 256;

/** Base64 of JSON, also in the alphabet for addresses; undefined when it is nothing that a client of ours would send. */
export function readLoginState(text: string): LoginState | undefined {
  if (text.length > MAX_STATE) return undefined;
  // A `+` that was not escaped arrives as a space.
  const state = parse(Buffer.from(text.replaceAll(' ', '+'), 'base64').toString('utf8'));
  if (typeof state !== 'object' || state === null) return undefined;
  const { loginStyle, credentialToken, isCordova, redirectUrl } = state as Record<string, unknown>;
  if (loginStyle !== 'popup' && loginStyle !== 'redirect') return undefined;
  if (typeof credentialToken !== 'string') return undefined;
  if (credentialToken.length < MIN_TOKEN || credentialToken.length > MAX_TOKEN) return undefined;
  return {
    loginStyle,
    credentialToken,
    isCordova: isCordova === true,
    redirectUrl: typeof redirectUrl === 'string' ? redirectUrl : undefined,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether the browser may be sent there with a login: a page of the workspace itself. */
export function isOwnAddress(url: string, siteUrl: string): boolean {
  if (!URL.canParse(url) || !URL.canParse(siteUrl)) return false;
  // Not by its origin: `blob:` has that of who made it.
  return new URL(url).href.startsWith(`${new URL(siteUrl).origin}/`);
}
