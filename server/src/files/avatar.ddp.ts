import { findUserById } from '../accounts/find-users.ts';
import type { Context } from '../context.ts';
import { fail } from '../kernel/errors.ts';
import { type DdpMethod, type Streams, userMethod } from '../realtime/declarations.ts';
import { optionalText, textParam } from '../realtime/params.ts';
import './avatar.events.ts';
import { placeAvatarOfData } from './avatar-picture.ts';
import { maySetAvatar, resetAvatar, setAvatar, setAvatarByUrl } from './set-avatar.ts';
import { suggestAvatars } from './suggest-avatars.ts';

export const avatarMethods: DdpMethod[] = [
  userMethod('setAvatarFromService', async (ctx, { caller, params }) => {
    const [dataUri, , service, target] = params;
    const source = textParam(dataUri);
    const origin = (optionalText(service) || 'upload').slice(0, 100);
    const uid = optionalText(target) || caller.uid;
    const details = { method: 'setAvatarFromService' };
    if (!maySetAvatar(ctx, caller, uid)) fail('error-not-allowed', 'Not allowed', details);
    const user = await findUserById(ctx, uid);
    if (!user) fail('error-invalid-user', 'Invalid user', details);
    if (origin === 'initials') await resetAvatar(ctx, caller, uid);
    else if (origin === 'url') await setAvatarByUrl(ctx, user, source);
    else await setAvatar(ctx, uid, await placeAvatarOfData(ctx, source), origin);
  }),
  userMethod('resetAvatar', async (ctx, { caller, params }) => {
    await resetAvatar(ctx, caller, optionalText(params[0]) || caller.uid);
  }),
  userMethod('getAvatarSuggestion', (ctx, { caller }) => suggestAvatars(ctx, caller)),
];

export function wireAvatarEvents(ctx: Context, streams: Streams): void {
  ctx.events.on('avatar.changed', (change) => streams.emit('notify-logged', 'updateAvatar', [change]));
}
