import type { Settings } from '../../kernel/settings.ts';
import type { AccountRules } from '../login-services/external-identity.ts';

/** The CAS server that the workspace has set up (spec 22, `CAS_*`). */
export interface CasService {
  /** Without a slash at its end. */
  server: string;
  version: '1.0' | '2.0' | '3.0';
  rules: AccountRules;
  /** Members of a person by templates of attributes. */
  fields: Readonly<Record<string, string>>;
}

export const CAS = 'cas' as const;

/** Undefined while it is switched off. */
export function casService(settings: Settings): CasService | undefined {
  if (!settings.bool('CAS_enabled')) return undefined;
  const version = settings.text('CAS_version');
  const trusted = settings.bool('CAS_trust_username');
  return {
    server: settings.text('CAS_base_url').trim().replace(/\/+$/, ''),
    version: version === '2.0' || version === '3.0' ? version : '1.0',
    // With trust a username is the account of that name, whoever had it at the server before.
    rules: { mergeBy: trusted ? 'username' : undefined, mergeLinked: trusted, givesUsername: true },
    fields: fieldsIn(settings.text('CAS_Sync_User_Data_FieldMap')),
  };
}

function fieldsIn(json: string): Readonly<Record<string, string>> {
  try {
    const map: unknown = JSON.parse(json);
    const entries = typeof map === 'object' && map !== null ? Object.entries(map) : [];
    return Object.fromEntries(entries.filter(([, value]) => typeof value === 'string'));
  } catch {
    return {};
  }
}

/** What clients need to begin: they build the address of its page from `login_url` themselves. */
export function presentCas(settings: Settings): { service: string; [field: string]: unknown }[] {
  if (!settings.bool('CAS_enabled')) return [];
  return [
    {
      service: CAS,
      enabled: true,
      base_url: settings.text('CAS_base_url'),
      login_url: settings.text('CAS_login_url'),
      width: settings.int('CAS_popup_width'),
      height: settings.int('CAS_popup_height'),
      buttonLabelText: settings.text('CAS_button_label_text'),
      buttonLabelColor: settings.text('CAS_button_label_color'),
      buttonColor: settings.text('CAS_button_color'),
      showButton: true,
    },
  ];
}
