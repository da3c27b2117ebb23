import type { Context } from '../context.ts';
import {
  type DdpMethod,
  type StreamDeclaration,
  type Streams,
  userMethod,
} from '../realtime/declarations.ts';
import { matchFailed, objectParam, optionalText, optionalTime, textParam } from '../realtime/params.ts';
import './admin.events.ts';
import type { GlobalRoleChanged, PermissionChanged, RoleChanged, SettingChanged } from './admin.events.ts';
import { dismissBanner } from './banners.ts';
import { addRoleToPermission, removeRoleFromPermission } from './change-permissions.ts';
import { changeSettings } from './change-settings.ts';
import { listPermissions, listRemovedPermissions } from './list-permissions.ts';
import {
  isHidden,
  maySeePrivate,
  publicSettings,
  settingsRemoved,
  settingsToAdminister,
  wizardSettings,
} from './live-settings.ts';
import { findPermission } from './permission-catalogue.ts';
import { presentPermission } from './present-permission.ts';
import { presentRole } from './present-role.ts';
import { presentSetting, presentSettingDocument, presentSettingGroups } from './present-setting.ts';
import { addUserToRole, removeUserFromRole, usersInPublicRoles } from './role-members.ts';
import { findSetting } from './setting-table.ts';

/** A list without a date, `{update, remove}` with one: the two answers of every `<entity>/get` (spec 40 §10.1). */
function listOrDelta(
  update: readonly object[],
  remove: readonly object[],
  since: number | undefined,
): unknown {
  return since === undefined ? update : { update, remove };
}

/** Whoever sees at least one setting beyond the public ones. */
const PRIVATE_SETTING_READERS = [
  'view-privileged-setting',
  'edit-privileged-setting',
  'manage-selected-settings',
];

const MAX_CHANGES = 1000;

export const adminMethods: DdpMethod[] = [
  {
    name: 'public-settings/get',
    auth: 'none',
    async run(ctx, { params }) {
      const since = optionalTime(params[0]);
      const update = (await publicSettings(ctx, since)).map(presentSetting);
      return listOrDelta(update, await settingsRemoved(ctx, since, ({ isPublic }) => isPublic), since);
    },
  },
  {
    name: 'private-settings/get',
    auth: 'none',
    async run(ctx, { caller, params }) {
      const since = optionalTime(params[0]);
      if (!caller || !ctx.permissions.hasAny(caller, PRIVATE_SETTING_READERS)) return [];
      const settings = (await settingsToAdminister(ctx, caller, since)).map(presentSettingDocument);
      const removed = await settingsRemoved(ctx, since, ({ id }) => maySeePrivate(ctx, caller, id));
      return listOrDelta([...presentSettingGroups(ctx, since), ...settings], removed, since);
    },
  },
  {
    name: 'permissions/get',
    auth: 'none',
    async run(ctx, { params }) {
      const since = optionalTime(params[0]);
      const permissions = await listPermissions(ctx, since);
      const documents = permissions.map(({ entry, roles, updatedAt }) =>
        presentPermission(entry, roles, updatedAt),
      );
      return listOrDelta(documents, await listRemovedPermissions(ctx, since), since);
    },
  },
  userMethod('banner/dismiss', (_ctx, { params: [banner] }) =>
    dismissBanner(textParam(objectParam(banner).id)),
  ),
  userMethod(
    'saveSetting',
    async (ctx, { caller, params: [id, value] }) => {
      await changeSettings(ctx, caller, [{ id: textParam(id), value }]);
      return true;
    },
    { twoFactor: true },
  ),
  userMethod(
    'saveSettings',
    async (ctx, { caller, params: [changes] }) => {
      if (!Array.isArray(changes) || changes.length > MAX_CHANGES) matchFailed();
      const read = changes.map((change) => {
        const { _id, value } = objectParam(change);
        return { id: textParam(_id), value };
      });
      await changeSettings(ctx, caller, read);
      return true;
    },
    { twoFactor: true },
  ),
  userMethod(
    'authorization:addPermissionToRole',
    (ctx, { caller, params: [permission, role] }) =>
      addRoleToPermission(ctx, caller, textParam(permission), textParam(role)),
    { twoFactor: true },
  ),
  userMethod(
    'authorization:removeRoleFromPermission',
    (ctx, { caller, params: [permission, role] }) =>
      removeRoleFromPermission(ctx, caller, textParam(permission), textParam(role)),
    { twoFactor: true },
  ),
  userMethod(
    'authorization:addUserToRole',
    async (ctx, { caller, params: [role, username, rid] }) => {
      const input = { role: textParam(role), username: textParam(username), rid: optionalText(rid) };
      await addUserToRole(ctx, caller, input);
      return true;
    },
    { twoFactor: true },
  ),
  userMethod(
    'authorization:removeUserFromRole',
    async (ctx, { caller, params: [role, username, rid] }) => {
      const input = { role: textParam(role), username: textParam(username), rid: optionalText(rid) };
      await removeUserFromRole(ctx, caller, input);
      return true;
    },
    { twoFactor: true },
  ),
  userMethod('getUserRoles', (ctx) => usersInPublicRoles(ctx)),
  {
    name: 'getSetupWizardParameters',
    auth: 'none',
    partly: 'No settings once the wizard is completed.',
    async run(ctx) {
      const settings = (await wizardSettings(ctx)).map(presentSettingDocument);
      return { settings, serverAlreadyRegistered: false };
    },
  },
  { name: 'license:getModules', auth: 'none', run: () => [] },
  { name: 'license:hasLicense', auth: 'none', run: () => false },
  { name: 'license:isEnterprise', auth: 'none', run: () => false },
];

export const adminStreams: StreamDeclaration[] = [
  { name: 'notify-all', mayRead: () => true },
  { name: 'roles', mayRead: (_ctx, { caller }) => caller !== null },
  {
    name: 'notify-logged',
    mayRead(ctx, { caller, eventName }) {
      if (!caller) return false;
      return (
        eventName !== 'private-settings-changed' || ctx.permissions.hasAny(caller, PRIVATE_SETTING_READERS)
      );
    },
  },
];

/** Turns the events of settings, permissions and roles into stream events (spec 40 §8.5, 8.7, 8.8). */
export function wireAdminEvents(ctx: Context, streams: Streams): void {
  ctx.events.on('setting.changed', (change) => sendSetting(ctx, streams, change));
  ctx.events.on('setting.removed', (setting) => sendRemovedSetting(ctx, streams, setting));
  ctx.events.on('permission.changed', (change) => sendPermission(ctx, streams, change));
  ctx.events.on('permission.removed', ({ id }) =>
    streams.emit('notify-logged', 'permissions-changed', ['removed', { _id: id }]),
  );
  ctx.events.on('role.changed', (change) => sendRole(streams, change));
  ctx.events.on('globalRole.changed', (change) => sendGlobalRole(ctx, streams, change));
}

function sendSetting(ctx: Context, streams: Streams, { id, isNew }: SettingChanged): void {
  const setting = findSetting(ctx.settings, id);
  if (!setting || isHidden(ctx, setting)) return;
  // What is in force: an override of the environment may stand above what was stored.
  const value = (ctx.settings.value(id) ?? setting.value) as SettingChanged['value'];
  const args = [isNew ? 'inserted' : 'updated', presentSetting({ setting, value })];
  if (setting.public) sendToAll(streams, args);
  // `manage-selected-settings` opens the stream, but not every setting in it.
  streams.emitPerCaller('notify-logged', 'private-settings-changed', (caller) =>
    maySeePrivate(ctx, caller, id) ? args : undefined,
  );
}

/** Under its own name, and once more among all that everybody may know (spec 40 §8.7). */
function sendToAll(streams: Streams, args: readonly unknown[]): void {
  streams.emit('notify-all', 'public-settings-changed', args);
  streams.emit('notify-all', 'public-info', [['public-settings-changed', args]]);
}

function sendRemovedSetting(ctx: Context, streams: Streams, setting: { id: string; public: boolean }): void {
  const args = ['removed', { _id: setting.id }];
  if (setting.public) sendToAll(streams, args);
  streams.emitPerCaller('notify-logged', 'private-settings-changed', (caller) =>
    maySeePrivate(ctx, caller, setting.id) ? args : undefined,
  );
}

function sendPermission(
  ctx: Context,
  streams: Streams,
  { id, roles, updatedAt, isNew }: PermissionChanged,
): void {
  const entry = findPermission(ctx.settings, id);
  if (!entry) return;
  const action = isNew ? 'inserted' : 'updated';
  streams.emit('notify-logged', 'permissions-changed', [action, presentPermission(entry, roles, updatedAt)]);
}

function sendRole(streams: Streams, change: RoleChanged): void {
  if (change.action === 'removed') {
    streams.emit('roles', 'roles', [{ type: 'removed', ...change.role }]);
    return;
  }
  streams.emit('roles', 'roles', [{ type: 'changed', ...presentRole(change.role) }]);
  streams.emit('notify-logged', 'roles-change', [{ type: 'changed', _id: change.role._id }]);
}

function sendGlobalRole(ctx: Context, streams: Streams, { type, role, user }: GlobalRoleChanged): void {
  if (!ctx.settings.bool('UI_DisplayRoles')) return;
  streams.emit('notify-logged', 'roles-change', [{ type, _id: role, u: user }]);
}
