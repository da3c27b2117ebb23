import { Type } from 'typebox';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { refuse } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { parseObject } from '../rest/list-params.ts';
import { freeObject, nonBlank, strict, textOf, userMembers } from '../rest/schemas.ts';
import { createUser } from './create-user.ts';
import { deactivateIdleUsers } from './deactivate-idle.ts';
import { deleteOwnAccount, deleteUser, requireMayDelete } from './delete-user.ts';
import {
  findUserById,
  findUserByUsername,
  loadUserByDoc,
  loadUserByEmail,
  resolveUser,
} from './find-users.ts';
import { presentUser, presentUserInfo } from './present-user.ts';
import { registerUser } from './registration.ts';
import type { RoomHooks } from './room-hooks.ts';
import { setActiveStatus } from './set-active-status.ts';
import { updateUser } from './update-user.ts';
import { PRESENCE_STATUSES, type User } from './user.ts';

const text = Type.Optional(Type.String());
const flag = Type.Optional(Type.Boolean());
const texts = Type.Optional(Type.Array(Type.String(), { maxItems: 100 }));
const customFields = Type.Optional(freeObject);

/** What creating and editing have in common. */
const account = {
  active: flag,
  bio: text,
  nickname: text,
  statusText: text,
  roles: texts,
  joinDefaultChannels: flag,
  requirePasswordChange: flag,
  setRandomPassword: flag,
  sendWelcomeEmail: flag,
  verified: flag,
  customFields,
  freeSwitchExtension: text,
};

const INFO_KEYS = ['userId', 'username', 'importId', 'email', 'freeSwitchExtension'] as const;

export function usersEndpoints(rooms: RoomHooks): Endpoint[] {
  return [
    endpoint({
      method: 'POST',
      path: 'users.create',
      summary: 'Adds a user.',
      auth: 'user',
      partly: 'Gravatar is not asked for a picture.',
      body: strict({
        email: Type.String(),
        name: Type.String(),
        password: Type.String(),
        username: Type.String(),
        ...account,
        fields: text,
      }),
      async handler(ctx, { caller, body }) {
        return { user: presentUser(ctx, caller, await createUser(ctx, rooms, caller, body)) };
      },
    }),
    endpoint({
      method: 'POST',
      path: 'users.register',
      summary: 'Registers a new account.',
      auth: 'none',
      rateLimit: (ctx) => ({
        calls: ctx.settings.int('Rate_Limiter_Limit_RegisterUser') || 1,
        windowMs: ctx.settings.int('API_Enable_Rate_Limiter_Limit_Time_Default') || 60_000,
      }),
      body: strict({
        username: Type.String(),
        email: Type.String(),
        pass: Type.String(),
        name: text,
        secret: text,
        // What clients since 0.50 send, for the same.
        secretURL: text,
        reason: text,
        customFields,
      }),
      async handler(ctx, { caller, body: { pass, secretURL, secret = secretURL, ...body } }) {
        const user = await registerUser(ctx, rooms, caller, { ...body, password: pass, secret });
        return { user: presentUser(ctx, caller, user) };
      },
    }),
    endpoint({
      method: 'POST',
      path: 'users.update',
      summary: 'Edits a user.',
      auth: 'user',
      twoFactor: 'remembered',
      body: strict({
        userId: nonBlank,
        data: strict({
          email: text,
          name: text,
          password: text,
          username: text,
          ...account,
          status: Type.Optional(textOf(...PRESENCE_STATUSES)),
        }),
        confirmRelinquish: flag,
      }),
      async handler(ctx, { caller, body }) {
        const user = await updateUser(ctx, rooms, caller, {
          uid: body.userId,
          edit: body.data,
          confirmRelinquish: body.confirmRelinquish ?? false,
        });
        return { user: presentUser(ctx, caller, user) };
      },
    }),
    endpoint({
      method: 'GET',
      path: 'users.info',
      summary: 'One user.',
      auth: 'user',
      query: Type.Unsafe<Partial<Record<(typeof INFO_KEYS)[number] | 'includeUserRooms' | 'fields', string>>>(
        {
          ...strict({
            ...Object.fromEntries(INFO_KEYS.map((key) => [key, text])),
            includeUserRooms: text,
            fields: text,
          }),
          anyOf: INFO_KEYS.map((key) => ({ required: [key] })),
        },
      ),
      async handler(ctx, { caller, query }) {
        const user = await findForInfo(ctx, caller, query);
        if (!user) refuse('User not found.');
        const shown = presentUserInfo(ctx, caller, user);
        const wanted = query.includeUserRooms === 'true' || parseObject(query.fields ?? '')?.userRooms === 1;
        const mayList = user._id === caller.uid || ctx.permissions.has(caller, 'view-other-user-channels');
        if (!wanted || !mayList) return { user: shown };
        return { user: { ...shown, rooms: await rooms.roomsOf(ctx, user._id) } };
      },
    }),
    endpoint({
      method: 'POST',
      path: 'users.delete',
      summary: 'Deletes a user.',
      auth: 'user',
      body: strict({ ...userMembers, confirmRelinquish: flag }),
      async handler(ctx, { caller, body: { confirmRelinquish = false, ...named } }) {
        requireMayDelete(ctx, caller);
        const user = await resolveUser(ctx, named);
        await deleteUser(ctx, rooms, caller, { uid: user._id, confirmRelinquish });
        return undefined;
      },
    }),
    endpoint({
      method: 'POST',
      path: 'users.deleteOwnAccount',
      summary: 'Deletes the own account.',
      auth: 'user',
      body: strict({ password: text, confirmRelinquish: flag }),
      async handler(ctx, { caller, body: { password, confirmRelinquish = false } }) {
        if (!password) refuse('Body parameter "password" is required.');
        await deleteOwnAccount(ctx, rooms, caller, { password, confirmRelinquish });
        return undefined;
      },
    }),
    endpoint({
      method: 'POST',
      path: 'users.setActiveStatus',
      summary: 'Activates or deactivates a user.',
      auth: 'user',
      body: strict({ userId: Type.String(), activeStatus: Type.Boolean(), confirmRelinquish: flag }),
      async handler(ctx, { caller, body }) {
        const { _id, active } = await setActiveStatus(ctx, rooms, caller, {
          uid: body.userId,
          active: body.activeStatus,
          confirmRelinquish: body.confirmRelinquish ?? false,
        });
        return { user: { _id, active } };
      },
    }),
    endpoint({
      method: 'POST',
      path: 'users.deactivateIdle',
      summary: 'Deactivates users who did not log in for a while.',
      auth: 'user',
      permissions: { all: ['edit-other-user-active-status'] },
      body: strict({ daysIdle: Type.Number({ minimum: 0, maximum: 36_500 }), role: text }),
      async handler(ctx, { caller, body: { daysIdle, role = 'user' } }) {
        return { count: await deactivateIdleUsers(ctx, rooms, caller, { daysIdle, role }) };
      },
    }),
  ];
}

type InfoQuery = Partial<Record<(typeof INFO_KEYS)[number], string>>;

/** By anything but id and username only for those who may see everything anyway. */
async function findForInfo(ctx: Context, caller: Caller, query: InfoQuery): Promise<User | undefined> {
  if (query.userId !== undefined) return findUserById(ctx, query.userId);
  if (query.username !== undefined) return findUserByUsername(ctx, query.username);
  if (!ctx.permissions.has(caller, 'view-full-other-user-info')) return undefined;
  const { email, importId, freeSwitchExtension } = query;
  if (email !== undefined) return loadUserByEmail(ctx.db, email);
  if (importId !== undefined) return loadUserByDoc(ctx.db, { importId });
  return freeSwitchExtension === undefined ? undefined : loadUserByDoc(ctx.db, { freeSwitchExtension });
}
