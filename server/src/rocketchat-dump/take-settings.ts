import { DEFAULT_PERMISSIONS } from '../admin/permission-table.ts';
import { savePermission } from '../admin/permissions.store.ts';
import { BUILT_IN_ROLES } from '../admin/role-table.ts';
import { saveRole } from '../admin/roles.store.ts';
import type { SettingDefinition } from '../admin/setting-definition.ts';
import { CREATED_AT, customSettings, SETTINGS } from '../admin/setting-table.ts';
import { suitableValue } from '../admin/setting-value.ts';
import { CUSTOM_LOGIN_SERVICES, customServicePrefix } from '../admin/settings/custom-login-service.ts';
import { saveSetting } from '../admin/settings.store.ts';
import { flagOf, textOf, textsOf, timeOf } from './fields.ts';
import type { Taking } from './taking.ts';

const SETTINGS_OF = 'rocketchat_settings';
const ROLES = 'rocketchat_roles';
const PERMISSIONS = 'rocketchat_permissions';
/** Where files are is another matter here: bytes are brought along. */
const OWN_MATTER = new Set(['FileUpload_Storage_Type', 'FileUpload_FileSystemPath']);

/** Roles of the workspace itself, and built-in ones that were changed. */
export async function takeRoles({ dump, tx, report, roles, now }: Taking): Promise<void> {
  const builtIn = new Map(BUILT_IN_ROLES.map((role) => [role.id as string, role]));
  for (const id of builtIn.keys()) roles.set(id, id);
  for await (const doc of dump.documents(ROLES)) {
    const id = textOf(doc, '_id');
    if (id === undefined) {
      report.left(ROLES, 'without an id');
      continue;
    }
    const name = textOf(doc, 'name') ?? id;
    const known = builtIn.get(id);
    const description = typeof doc.description === 'string' ? doc.description : (known?.description ?? '');
    const mandatory2fa = flagOf(doc, 'mandatory2fa');
    roles.set(id, id);
    if (!roles.has(name)) roles.set(name, id);
    report.taken(ROLES);
    if (known && known.description === description && !mandatory2fa) continue;
    await saveRole(tx, {
      _id: id,
      name: known ? id : name,
      scope: doc.scope === 'Subscriptions' ? 'Subscriptions' : 'Users',
      description,
      protected: known !== undefined,
      mandatory2fa,
      updatedAt: timeOf(doc, '_updatedAt') ?? now,
    });
  }
}

/** Who may do what, where it is not as a new workspace has it. */
export async function takePermissions({ dump, tx, report, roles, now }: Taking): Promise<void> {
  for await (const doc of dump.documents(PERMISSIONS)) {
    const id = textOf(doc, '_id') ?? '';
    const defaults = Object.hasOwn(DEFAULT_PERMISSIONS, id) ? DEFAULT_PERMISSIONS[id] : undefined;
    if (!defaults) {
      report.left(PERMISSIONS, 'that are not known here');
      continue;
    }
    const given = [...new Set(textsOf(doc, 'roles').flatMap((role) => roles.get(role) ?? []))];
    report.taken(PERMISSIONS);
    const isDefault = given.length === defaults.length && given.every((role) => defaults.includes(role));
    if (!isDefault)
      await savePermission(tx, { id, roles: given, updatedAt: timeOf(doc, '_updatedAt') ?? now });
  }
}

/** Settings that somebody changed and that suit ours (spec 32 D.8). */
export async function takeSettings({ dump, tx, report, now }: Taking): Promise<void> {
  const services: string[] = [];
  const prefix = customServicePrefix('');
  for await (const doc of dump.documents(SETTINGS_OF)) {
    const id = textOf(doc, '_id') ?? '';
    const name = id.startsWith(prefix) ? id.slice(prefix.length) : '';
    if (/^\w+$/.test(name) && typeof doc.value === 'boolean') services.push(name);
  }
  const known = new Map<string, SettingDefinition>([
    ...SETTINGS,
    ...customSettings(services).map((setting) => [setting.id, setting] as const),
  ]);
  for await (const doc of dump.documents(SETTINGS_OF)) {
    const id = textOf(doc, '_id') ?? '';
    const setting = known.get(id);
    if (doc.type === 'group') continue;
    if (!setting || setting.type === 'asset') {
      report.left(SETTINGS_OF, setting ? 'that follow from their files' : 'that are not known here');
      continue;
    }
    const isOfService = id.startsWith(prefix);
    if (OWN_MATTER.has(id)) report.left(SETTINGS_OF, 'that are of no use here');
    else if (!isOfService && !setting.random && isSame(doc.value, doc.packageValue))
      report.taken(SETTINGS_OF);
    else {
      const value = suitableValue(setting, doc.value);
      if (value === undefined) report.left(SETTINGS_OF, `whose value does not suit (${id})`);
      else {
        await saveSetting(tx, { id, value, updatedAt: timeOf(doc, '_updatedAt') ?? now });
        report.taken(SETTINGS_OF);
      }
    }
  }
  if (services.length > 0)
    await saveSetting(tx, { id: CUSTOM_LOGIN_SERVICES, value: services, updatedAt: now });
  // Clients that knew the old server shall see what is otherwise here. And nothing of what a first start makes is made.
  await saveSetting(tx, { id: CREATED_AT, value: now, updatedAt: now });
  await saveSetting(tx, { id: 'Initial_Channel_Created', value: true, updatedAt: now });
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
