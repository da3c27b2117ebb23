import { commaList } from '../../kernel/comma-list.ts';
import type { Settings } from '../../kernel/settings.ts';
import type { AccountRules } from '../login-services/external-identity.ts';
import { siteOf } from '../login-services/sign-on.ts';

/** The identity provider that the workspace has set up (spec 22, `SAML_Custom_Default*`), and what it knows us as. */
export interface SamlService {
  /** The last part of our addresses. */
  provider: string;
  /** Its login page. */
  entryPoint: string;
  /** Our name there, which its assertions must be for. */
  issuer: string;
  /** Where browsers bring its assertions. */
  callback: string;
  /** Its certificates, as PEM or base64; several while it changes them. */
  certificates: readonly string[];
  logout: {
    /** Where the provider says that somebody was logged out; both are good. */
    here: string;
    alsoHere: string;
    /** Where it wants to be told of that; empty where it does not. */
    address: string;
    /** Whoever logs out here is also logged out there. */
    atProvider: boolean;
  };
  /** What of an answer has to be signed. `either` leaves it to the provider, but one is. */
  signed: 'all' | 'response' | 'assertion' | 'either';
  /** Ours, to sign what we ask and to read what is encrypted for us. */
  key: { certificate: string; privateKey: string } | undefined;
  identifierFormat: string | null;
  authnContext: { name: string; comparison: Comparison } | undefined;
  clockDriftMs: number;
  /** What tells people apart where the provider does not give them an id that stays. */
  identifiedBy: 'email' | 'username';
  /** The attributes that tell these. */
  fields: { username: string; email: string; name: string };
  lowercaseUsername: boolean;
  /** The attribute whose roles people have; undefined while it decides nothing. */
  roleAttribute: string | undefined;
  rules: AccountRules;
  /** What follows the provider with each login. */
  refreshed: { name: boolean; email: boolean };
}

const COMPARISONS = ['exact', 'minimum', 'maximum', 'better'] as const;
type Comparison = (typeof COMPARISONS)[number];

const PREFIX = 'SAML_Custom_Default';
export const SAML = 'saml' as const;

/** Undefined while it is switched off. */
export function samlService(settings: Settings): SamlService | undefined {
  if (!settings.bool(PREFIX)) return undefined;
  const text = (name: string) => settings.text(`${PREFIX}_${name}`).trim();
  const flag = (name: string) => settings.bool(`${PREFIX}_${name}`);
  const provider = text('provider');
  const { identifiedBy, identifierFormat } = samlNaming(settings);
  const comparison = COMPARISONS.find((known) => known === text('authn_context_comparison'));
  return {
    provider,
    entryPoint: text('entry_point'),
    issuer: text('issuer') || `${siteOf({ settings })}/_saml/metadata/${provider}`,
    callback: `${siteOf({ settings })}/_saml/validate/${provider}`,
    certificates: certificatesIn(text('cert')),
    logout: logoutOf(settings, provider),
    signed: signedOf(text('signature_validation_type')),
    key:
      text('private_key') === ''
        ? undefined
        : { certificate: text('public_cert'), privateKey: text('private_key') },
    identifierFormat,
    authnContext:
      text('custom_authn_context') === ''
        ? undefined
        : { name: text('custom_authn_context'), comparison: comparison ?? 'exact' },
    clockDriftMs: Math.max(0, settings.int(`${PREFIX}_allowed_clock_drift`)),
    identifiedBy,
    fields: fieldsIn(text('user_data_fieldmap')),
    lowercaseUsername: text('username_normalize') === 'Lowercase',
    roleAttribute: flag('role_attribute_sync') ? text('role_attribute_name') || undefined : undefined,
    rules: {
      mergeBy: flag('merge_users') ? identifiedBy : undefined,
      newcomerRoles: commaList(text('default_user_role')),
      givesUsername: true,
    },
    refreshed: { name: flag('name_overwrite'), email: flag('mail_overwrite') },
  };
}

/** How people are told apart, whether it is switched on or not. */
export function samlNaming(settings: Settings): Pick<SamlService, 'identifiedBy' | 'identifierFormat'> {
  return {
    identifiedBy: settings.text(`${PREFIX}_immutable_property`).trim() === 'Username' ? 'username' : 'email',
    identifierFormat: settings.text(`${PREFIX}_identifier_format`).trim() || null,
  };
}

function logoutOf(settings: Settings, provider: string): SamlService['logout'] {
  const said = settings.text(`${PREFIX}_idp_slo_redirect_url`).trim();
  const address = isWebAddress(said) ? said : '';
  return {
    here: `${siteOf({ settings })}/_saml/logout/${provider}`,
    alsoHere: `${siteOf({ settings })}/_saml/sloRedirect/${provider}`,
    address,
    atProvider: address !== '' && settings.text(`${PREFIX}_logout_behaviour`).trim() !== 'Local',
  };
}

/** Whether assertions, and answers as a whole, must be signed by themselves. */
export const wantsSigned = (
  part: 'assertion' | 'response',
  { signed }: Pick<SamlService, 'signed'>,
): boolean => signed === 'all' || signed === part;

export const isWebAddress = (text: string): boolean =>
  URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol);

function signedOf(type: string): SamlService['signed'] {
  if (type === 'Response') return 'response';
  if (type === 'Assertion') return 'assertion';
  return type === 'Either' ? 'either' : 'all';
}

/** One or several of PEM, or the base64 of one as it stands in metadata. */
export function certificatesIn(text: string): string[] {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  const bodies = blocks?.map((block) => block.replace(/-----[^-]+-----/g, '')) ?? [text];
  return bodies.map((body) => body.replace(/\s+/g, '')).filter((body) => body !== '');
}

function fieldsIn(json: string): SamlService['fields'] {
  const map = objectIn(json);
  const field = (name: string, otherwise: string) => {
    const attribute = map[name];
    return typeof attribute === 'string' && attribute !== '' ? attribute : otherwise;
  };
  return {
    username: field('username', 'username'),
    email: field('email', 'email'),
    name: field('name', 'cn'),
  };
}

function objectIn(json: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** What clients need to begin: they open `/_saml/authorize/<provider>/<token>`. */
export function presentSaml(settings: Settings): { service: string; [field: string]: unknown }[] {
  const service = samlService(settings);
  if (!service) return [];
  const text = (name: string) => settings.text(`${PREFIX}_${name}`);
  const { provider, logout } = service;
  return [
    {
      service: SAML,
      provider,
      clientConfig: { provider },
      // By these they know whether to ask for the address of a logout (`samlLogout`).
      logoutBehaviour: logout.atProvider ? 'SAML' : 'Local',
      ...(logout.address === '' ? {} : { idpSLORedirectURL: logout.address }),
      buttonLabelText: text('button_label_text') || 'SAML',
      buttonLabelColor: text('button_label_color'),
      buttonColor: text('button_color'),
      showButton: true,
    },
  ];
}
