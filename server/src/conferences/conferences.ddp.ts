import { callerFor, findUserById } from '../accounts/find-users.ts';
import type { Context } from '../context.ts';
import type { PassOn, StreamDeclaration, StreamRequest, Streams } from '../realtime/declarations.ts';
import type { OnlineMembers } from '../rooms/online-members.ts';
import { isCallSignal } from './conferences.ts';

const EVENT = 'video-conference';

/**
 * Lets clients tell each other about calls, one through `notify-user` (spec 40 §8.3) or all others in a room through
 * `notify-room-users` (§8.4): only of a call that exists, in a room that all of them may enter. What else is written to
 * these streams is their own business.
 */
export function withCallSignals(
  streams: readonly StreamDeclaration[],
  online: OnlineMembers,
): StreamDeclaration[] {
  return streams.map((stream) => {
    const write = { 'notify-user': writeToUser, 'notify-room-users': writeToMembers(online) }[stream.name];
    if (!write) return stream;
    return {
      ...stream,
      write(ctx, passOn, request) {
        const { eventName, args } = request;
        const slash = eventName.indexOf('/');
        if (eventName.slice(slash + 1) !== EVENT) return stream.write?.(ctx, passOn, request);
        const signal = signalIn(args[0]);
        return signal && write(ctx, passOn, request, { to: eventName.slice(0, slash), signal });
      },
    };
  });
}

type CallSignal = NonNullable<ReturnType<typeof signalIn>>;
type WriteSignal = (
  ctx: Context,
  passOn: PassOn,
  request: StreamRequest,
  written: { to: string; signal: CallSignal },
) => Promise<void>;

const writeToUser: WriteSignal = async (ctx, passOn, { caller, eventName }, { to, signal }) => {
  const other = await findUserById(ctx, to);
  if (!caller || !other) return;
  if (!(await isCallSignal(ctx, caller, callerFor(other, caller), signal))) return;
  passOn(eventName, [presentSignal(signal)]);
};

/** Whoever is in the room may enter it, so only the caller is asked about. */
const writeToMembers =
  (online: OnlineMembers): WriteSignal =>
  async (ctx, _passOn, { caller }, { to: rid, signal }) => {
    if (!caller || signal.rid !== rid || !online.isMember(rid, caller.uid)) return;
    if (!(await isCallSignal(ctx, caller, caller, signal))) return;
    ctx.tell('members.told', { rid, uid: caller.uid, event: EVENT, args: [presentSignal(signal)] });
  };

/** Only what is known of a signal is passed on. */
function signalIn(arg: unknown) {
  const { action, params } = bag(arg);
  const { callId, uid, rid } = bag(params);
  const isWhole = [action, callId, uid, rid].every((part) => typeof part === 'string');
  return isWhole
    ? { action: action as string, callId: callId as string, uid: uid as string, rid: rid as string }
    : undefined;
}

const presentSignal = ({ action, callId, uid, rid }: CallSignal) => ({
  action,
  params: { callId, uid, rid },
});

const bag = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

export function wireConferenceEvents(ctx: Context, streams: Streams, online: OnlineMembers): void {
  ctx.events.on('conference.changed', ({ rid, callId }) => {
    streams.emit('notify-room', `${rid}/videoconf`, [callId]);
    // What older clients listen to (spec 40 §8.2).
    streams.emit('notify-room', `${rid}/${callId}`, []);
  });
  ctx.events.on('conference.rings', ({ rid, callId, uid }) => {
    const others = [...online.of(rid)].filter((member) => member !== uid);
    streams.emitToUsers(others, EVENT, [{ action: 'ring', params: { uid, rid, callId } }]);
  });
}
