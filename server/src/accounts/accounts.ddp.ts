import type { DdpMethod } from '../realtime/declarations.ts';
import { userMethod } from '../realtime/declarations.ts';
import {
  matchFailed,
  objectParam,
  optionalBoolean,
  optionalObject,
  optionalText,
  textParam,
} from '../realtime/params.ts';
import type { AccountDeps } from './account-deps.ts';
import { botRequest } from './bot-request.ts';
import { listCustomStatuses } from './custom-statuses.ts';
import { deleteOwnAccount, deleteUser } from './delete-user.ts';
import { e2eKeyMethods } from './e2e-keys.ddp.ts';
import { editUserMethods } from './edit-users.ddp.ts';
import { findUserById } from './find-users.ts';
import { loginMethods } from './login.ddp.ts';
import { loginServiceMethods } from './login-services/login-services.ddp.ts';
import { generatePersonalToken, regeneratePersonalToken, removePersonalToken } from './personal-tokens.ts';
import { knownPreferences, savePreferences, setUtcOffset } from './preferences.ts';
import type { Presence } from './presence.ts';
import { registrationMethods } from './registration.ddp.ts';
import type { RoomHooks } from './room-hooks.ts';
import { samlMethods } from './saml/saml.ddp.ts';
import { logoutOtherClients } from './sessions.ts';
import { setActiveStatus } from './set-active-status.ts';
import { setDefaultStatus, setStatus } from './set-status.ts';
import { twoFactorMethods } from './two-factor.ddp.ts';
import { type OwnProfile, setDemandedPassword, updateOwnProfile } from './update-own-profile.ts';
import { PRESENCE_STATUSES, type PresenceStatus } from './user.ts';

/** Far more than anybody chooses from. */
const MAX_STATUSES = 1000;

/** Every DDP method of people, login, tokens and presence (spec 40 §4, §10). */
export function accountMethods({ rooms, presence }: AccountDeps): DdpMethod[] {
  return [
    ...loginMethods(rooms),
    ...loginServiceMethods,
    ...samlMethods,
    ...registrationMethods(rooms),
    ...presenceMethods(presence),
    ...profileMethods(rooms),
    ...editUserMethods(rooms),
    ...tokenMethods,
    userMethod('listCustomUserStatus', async (ctx) => {
      const { statuses } = await listCustomStatuses(ctx, {}, { offset: 0, count: MAX_STATUSES });
      return statuses;
    }),
    ...twoFactorMethods,
    ...e2eKeyMethods(rooms),
  ];
}

/** Anonymous calls of these are ignored, not refused. */
function presenceMethods(presence: Presence): DdpMethod[] {
  const connectionStatus = (status: 'online' | 'away'): DdpMethod['run'] => {
    return (_ctx, { caller, connection }) =>
      caller && connection ? presence.setConnectionStatus(connection.id, status) : undefined;
  };
  return [
    { name: 'UserPresence:online', auth: 'none', run: connectionStatus('online') },
    { name: 'UserPresence:away', auth: 'none', run: connectionStatus('away') },
    {
      name: 'UserPresence:setDefaultStatus',
      auth: 'none',
      run: (ctx, { caller, params }) =>
        caller ? setDefaultStatus(ctx, caller, textParam(params[0])) : undefined,
    },
    userMethod('setUserStatus', async (ctx, { caller, params }) => {
      const wish = { status: optionalText(params[0]), message: optionalText(params[1]) };
      await setStatus(ctx, caller, { uid: caller.uid, wish, atOnce: false });
    }),
    userMethod('botRequest', (ctx, { caller, params }) => botRequest(ctx, caller, textParam(params[0])), {
      partly: 'Ids and usernames, of everybody and of those online; no other helper.',
    }),
    userMethod('getUserStatusText', async (ctx, { params }) => {
      const user = await findUserById(ctx, textParam(params[0]));
      return user?.statusText;
    }),
    {
      name: 'userSetUtcOffset',
      auth: 'none',
      async run(ctx, { caller, params }) {
        const [offset] = params;
        if (!caller) return;
        if (typeof offset !== 'number' || !(Math.abs(offset) <= 14)) matchFailed();
        await setUtcOffset(ctx, caller, offset);
      },
    },
  ];
}

function profileMethods(rooms: RoomHooks): DdpMethod[] {
  const editProfile = (profile: OwnProfile) => ({
    profile,
    customFields: undefined,
    secondFactor: undefined,
  });
  return [
    userMethod('saveUserPreferences', async (ctx, { caller, params }) => {
      await savePreferences(ctx, rooms, caller, {
        uid: caller.uid,
        preferences: knownPreferences(objectParam(params[0])) ?? matchFailed(),
      });
      return true;
    }),
    userMethod('saveUserProfile', async (ctx, { caller, params, twoFactor }) => {
      const given = objectParam(params[0]);
      const profile: OwnProfile = {
        email: optionalText(given.email),
        name: optionalText(given.realname ?? given.name),
        username: optionalText(given.username),
        nickname: optionalText(given.nickname),
        bio: optionalText(given.bio),
        statusType: optionalStatus(given.statusType),
        statusText: optionalText(given.statusText),
        currentPassword: optionalText(given.typedPassword),
        newPassword: optionalText(given.newPassword),
      };
      await updateOwnProfile(ctx, rooms, caller, {
        profile,
        customFields: optionalObject(params[1]),
        secondFactor: twoFactor,
      });
      return true;
    }),
    userMethod('setRealName', async (ctx, { caller, params }) => {
      const name = textParam(params[0]);
      await updateOwnProfile(ctx, rooms, caller, editProfile({ name }));
      return name;
    }),
    userMethod('setUserPassword', (ctx, { caller, params }) =>
      setDemandedPassword(ctx, caller, textParam(params[0])),
    ),
    userMethod('setUserActiveStatus', async (ctx, { caller, params }) => {
      await setActiveStatus(ctx, rooms, caller, {
        uid: textParam(params[0]),
        active: optionalBoolean(params[1]) ?? matchFailed(),
        confirmRelinquish: optionalBoolean(params[2]) ?? false,
      });
      return true;
    }),
    userMethod('deleteUser', async (ctx, { caller, params }) => {
      const confirmRelinquish = optionalBoolean(params[1]) ?? false;
      await deleteUser(ctx, rooms, caller, { uid: textParam(params[0]), confirmRelinquish });
      return true;
    }),
    userMethod('deleteUserOwnAccount', async (ctx, { caller, params }) => {
      const confirmRelinquish = optionalBoolean(params[1]) ?? false;
      await deleteOwnAccount(ctx, rooms, caller, { password: textParam(params[0]), confirmRelinquish });
      return true;
    }),
  ];
}

const tokenMethods: DdpMethod[] = [
  userMethod(
    'personalAccessTokens:generateToken',
    (ctx, { caller, params }) => {
      const given = objectParam(params[0]);
      const bypassTwoFactor = optionalBoolean(given.bypassTwoFactor) ?? false;
      return generatePersonalToken(ctx, caller, { name: textParam(given.tokenName), bypassTwoFactor });
    },
    { twoFactor: true },
  ),
  userMethod(
    'personalAccessTokens:regenerateToken',
    (ctx, { caller, params }) =>
      regeneratePersonalToken(ctx, caller, textParam(objectParam(params[0]).tokenName)),
    { twoFactor: true },
  ),
  userMethod(
    'personalAccessTokens:removeToken',
    (ctx, { caller, params }) =>
      removePersonalToken(ctx, caller, textParam(objectParam(params[0]).tokenName)),
    { twoFactor: true },
  ),
  userMethod('removeOtherTokens', async (ctx, { caller }) => {
    await logoutOtherClients(ctx, caller);
  }),
];

function optionalStatus(value: unknown): PresenceStatus | undefined {
  const text = optionalText(value);
  return text === undefined
    ? undefined
    : (PRESENCE_STATUSES.find((status) => status === text) ?? matchFailed());
}
