import { findUserByUsername } from '../accounts/find-users.ts';
import { fail } from '../kernel/errors.ts';
import { type DdpMethod, userMethod } from '../realtime/declarations.ts';
import { optionalBoolean, optionalObject, textParam } from '../realtime/params.ts';
import { setBlocked } from './block.ts';
import { isRoomNameTaken } from './find-room.ts';
import { getRoom } from './get-room.ts';
import { setIgnored } from './ignore.ts';
import { setMuted } from './mute.ts';
import { saveNotificationSettings } from './notification-settings.ts';

/** DDP methods for what concerns one member of a room (spec 40 §10.2). */

function muting(name: string, muted: boolean): DdpMethod {
  return userMethod(name, async (ctx, { caller, params }) => {
    const { rid, username } = optionalObject(params[0]) ?? {};
    const user = await findUserByUsername(ctx, textParam(username));
    if (!user) fail('error-user-not-in-room', 'User is not in this room', { method: name });
    await setMuted(ctx, caller, textParam(rid), user, muted);
  });
}

function blocking(name: string, blocked: boolean): DdpMethod {
  return userMethod(name, async (ctx, { caller, params }) => {
    const given = optionalObject(params[0]) ?? {};
    await setBlocked(
      ctx,
      caller,
      await getRoom(ctx, textParam(given.rid)),
      blocked,
      textParam(given.blocked),
    );
    return true;
  });
}

export const memberSettingsMethods: DdpMethod[] = [
  muting('muteUserInRoom', true),
  muting('unmuteUserInRoom', false),
  blocking('blockUser', true),
  blocking('unblockUser', false),
  userMethod('ignoreUser', async (ctx, { caller, params }) => {
    const { rid, userId, ignore } = optionalObject(params[0]) ?? {};
    await setIgnored(ctx, caller, textParam(rid), textParam(userId), optionalBoolean(ignore) ?? true);
    return true;
  }),
  userMethod('saveNotificationSettings', async (ctx, { caller, params }) => {
    const [rid, field, value] = [textParam(params[0]), textParam(params[1]), textParam(params[2])];
    await saveNotificationSettings(ctx, caller, rid, { [field]: value });
    return true;
  }),
  userMethod('saveAudioNotificationValue', async (ctx, { caller, params }) => {
    const [rid, audioNotificationValue] = [textParam(params[0]), textParam(params[1])];
    await saveNotificationSettings(ctx, caller, rid, { audioNotificationValue });
    return true;
  }),
  userMethod('roomNameExists', (ctx, { params }) => isRoomNameTaken(ctx, textParam(params[0]))),
];
