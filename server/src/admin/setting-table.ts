import type { Settings } from '../kernel/settings.ts';
import type { Setting, SettingDefinition, SettingGroup } from './setting-definition.ts';
import { accountsSettings } from './settings/accounts.ts';
import { callSettings } from './settings/calls.ts';
import { clientSettings } from './settings/clients.ts';
import {
  CUSTOM_LOGIN_SERVICES,
  customServicePrefix,
  customServiceSettings,
} from './settings/custom-login-service.ts';
import { fileSettings } from './settings/files.ts';
import { generalSettings } from './settings/general.ts';
import { integrationSettings } from './settings/integrations.ts';
import { layoutSettings } from './settings/layout.ts';
import { loginServiceSettings } from './settings/login-services.ts';
import { mailSettings } from './settings/mail.ts';
import { messageSettings } from './settings/message.ts';
import { operationSettings } from './settings/operation.ts';
import { roomSettings } from './settings/rooms.ts';

export const SETTING_GROUPS: readonly SettingGroup[] = [
  ...accountsSettings,
  ...generalSettings,
  ...layoutSettings,
  ...messageSettings,
  ...roomSettings,
  ...fileSettings,
  ...callSettings,
  ...loginServiceSettings,
  ...mailSettings,
  ...clientSettings,
  ...operationSettings,
  ...integrationSettings,
];

/** When the workspace was created (ms): the `_updatedAt` of everything that still is as the release made it. */
export const CREATED_AT = 'Gantry_Workspace_Created_At';
/** JSON `{id: {hash, at}}`: the `OVERWRITE_SETTING_*` values of the last start, to date their changes. */
export const KNOWN_OVERRIDES = 'Gantry_Setting_Overrides';

/** What links that end mailings are signed with. */
export const MAILING_SECRET = 'Gantry_Mailing_Secret';

const serverSettings: readonly SettingDefinition[] = [
  { id: 'Initial_Channel_Created', type: 'boolean', value: false, hidden: true },
  { id: CREATED_AT, type: 'int', value: 0, hidden: true },
  { id: KNOWN_OVERRIDES, type: 'string', value: '', hidden: true },
  { id: MAILING_SECRET, type: 'string', value: '', random: true, hidden: true, secret: true },
  { id: CUSTOM_LOGIN_SERVICES, type: 'multiSelect', value: [], openValues: true, hidden: true },
];

/** Every setting of the release by id, in the order of the groups (spec 22, "Settings by group"). */
export const SETTINGS: ReadonlyMap<string, Setting> = new Map(
  [...SETTING_GROUPS, { group: undefined, settings: serverSettings }].flatMap(({ group, settings }) =>
    settings.map((setting, sorter) => [setting.id, { ...setting, group, sorter }] as const),
  ),
);

/** One setting: of the release, or of a login service that the workspace added. */
export function findSetting(settings: Settings, id: string): Setting | undefined {
  const known = SETTINGS.get(id);
  if (known || !id.startsWith(customServicePrefix(''))) return known;
  return customSettings(settings.list(CUSTOM_LOGIN_SERVICES)).find((setting) => setting.id === id);
}

/** Every setting, those of login services that the workspace added last. */
export const allSettings = (settings: Settings): Setting[] => [
  ...SETTINGS.values(),
  ...customSettings(settings.list(CUSTOM_LOGIN_SERVICES)),
];

/** The settings of these login services, as a continuation of their group. */
export function customSettings(names: readonly string[]): Setting[] {
  const { group, settings } = SETTING_GROUPS.find(({ group }) => group === 'OAuth') ?? {
    group: undefined,
    settings: [],
  };
  return names
    .flatMap(customServiceSettings)
    .map((setting, index) => ({ ...setting, group, sorter: settings.length + index }));
}
