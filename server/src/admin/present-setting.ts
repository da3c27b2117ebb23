import type { Context } from '../context.ts';
import type { LiveSetting } from './live-settings.ts';
import { CREATED_AT, SETTING_GROUPS } from './setting-table.ts';

/** What lists and change events carry (spec 40 §8.7). `type` stays out: a Go client trips over it (spec 40 §10.1). */
export function presentSetting({
  setting,
  value,
}: Pick<LiveSetting, 'setting' | 'value'>): Record<string, unknown> {
  return { _id: setting.id, value };
}

/** The whole document, as administration pages read it (spec 22, "Entity Setting"). */
export function presentSettingDocument(live: LiveSetting): Record<string, unknown> {
  const { setting, value, overridden, createdAt, updatedAt } = live;
  return {
    _id: setting.id,
    value,
    packageValue: live.packageValue,
    valueSource: overridden ? 'processEnvValue' : 'packageValue',
    processEnvValue: overridden ? value : undefined,
    type: setting.type,
    group: setting.group,
    public: setting.public === true,
    hidden: false,
    blocked: live.blocked,
    enterprise: false,
    env: false,
    secret: setting.secret === true,
    i18nLabel: setting.id,
    i18nDescription: `${setting.id}_Description`,
    autocomplete: true,
    sorter: setting.sorter,
    ts: new Date(createdAt),
    createdAt: new Date(createdAt),
    _updatedAt: new Date(updatedAt),
    values: setting.values?.map((key) => ({ key, i18nLabel: key })),
    requiredOnWizard: setting.wizard || live.requiredOnWizard ? live.requiredOnWizard : undefined,
    wizard: setting.wizard,
    multiline: setting.type === 'code' ? true : undefined,
    actionText: setting.type === 'action' ? setting.id : undefined,
    asset: setting.type === 'asset' ? setting.id.replace('Assets_', '') : undefined,
    minValue: setting.min,
    maxValue: setting.max,
  };
}

/** The documents of the groups, which administration pages list beside the settings. */
export function presentSettingGroups(ctx: Context, since?: number): Record<string, unknown>[] {
  const createdAt = ctx.settings.int(CREATED_AT);
  if (since !== undefined && createdAt <= since) return [];
  return SETTING_GROUPS.map(({ group }, sorter) => ({
    _id: group,
    type: 'group',
    public: false,
    hidden: false,
    blocked: false,
    secret: false,
    i18nLabel: group,
    i18nDescription: `${group}_Description`,
    sorter,
    ts: new Date(createdAt),
    createdAt: new Date(createdAt),
    _updatedAt: new Date(createdAt),
  }));
}
