import { type DdpMethod, userMethod } from '../realtime/declarations.ts';
import {
  matchFailed,
  objectParam,
  optionalBoolean,
  optionalObject,
  optionalText,
  textListParam,
  textParam,
} from '../realtime/params.ts';
import { createUser } from './create-user.ts';
import type { RoomHooks } from './room-hooks.ts';
import { updateOwnProfile } from './update-own-profile.ts';
import { updateUser } from './update-user.ts';

/** What old clients edit people with (spec 21, "DDP methods sharing this logic"). */
export const editUserMethods = (rooms: RoomHooks): DdpMethod[] => [
  userMethod(
    'insertOrUpdateUser',
    async (ctx, { caller, params }) => {
      const given = objectParam(params[0]);
      const account = readAccount(given);
      const uid = optionalText(given._id);
      if (uid === undefined) {
        const { username = '', email = '', name = '', password = '' } = account;
        const joinDefaultChannels = optionalBoolean(given.joinDefaultChannels);
        const input = { ...account, username, email, name, password, joinDefaultChannels };
        return (await createUser(ctx, rooms, caller, input))._id;
      }
      await updateUser(ctx, rooms, caller, { uid, edit: account, confirmRelinquish: false });
      return true;
    },
    { twoFactor: true },
  ),
  userMethod('setEmail', async (ctx, { caller, params, twoFactor }) => {
    const email = textParam(params[0]);
    if (email.trim() === '') matchFailed();
    const profile = { email };
    await updateOwnProfile(ctx, rooms, caller, { profile, customFields: undefined, secondFactor: twoFactor });
    return email;
  }),
];

const readAccount = (given: Readonly<Record<string, unknown>>) => ({
  username: optionalText(given.username),
  email: optionalText(given.email),
  name: optionalText(given.name),
  password: optionalText(given.password),
  bio: optionalText(given.bio),
  nickname: optionalText(given.nickname),
  statusText: optionalText(given.statusText),
  active: optionalBoolean(given.active),
  roles: given.roles == null ? undefined : textListParam(given.roles),
  requirePasswordChange: optionalBoolean(given.requirePasswordChange),
  setRandomPassword: optionalBoolean(given.setRandomPassword),
  sendWelcomeEmail: optionalBoolean(given.sendWelcomeEmail),
  verified: optionalBoolean(given.verified),
  customFields: optionalObject(given.customFields),
});
