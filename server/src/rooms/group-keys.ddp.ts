import { type DdpMethod, userMethod } from '../realtime/declarations.ts';
import { matchFailed, textParam } from '../realtime/params.ts';
import { membersWithoutKey, requestKeys, setRoomKeyId, updateGroupKey } from './group-keys.ts';
import { presentMember } from './present-key-member.ts';

const MAX_KEY = 20_000;

export const groupKeyMethods: DdpMethod[] = [
  userMethod('e2e.getUsersOfRoomWithoutKey', async (ctx, { caller, params }) => ({
    users: (await membersWithoutKey(ctx, caller, textParam(params[0]))).map(presentMember),
  })),
  userMethod('e2e.setRoomKeyID', (ctx, { caller, params: [rid, keyId] }) =>
    setRoomKeyId(ctx, caller, { rid: textParam(rid), keyId: keyParam(keyId) }),
  ),
  userMethod('e2e.updateGroupKey', (ctx, { caller, params: [rid, uid, key] }) =>
    updateGroupKey(ctx, caller, { rid: textParam(rid), uid: textParam(uid), key: keyParam(key) }),
  ),
  userMethod('e2e.requestSubscriptionKeys', async (ctx, { caller }) => {
    await requestKeys(ctx, caller);
    return true;
  }),
];

function keyParam(value: unknown): string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_KEY ? value : matchFailed();
}
