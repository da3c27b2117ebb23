import { callerFor, findUserById } from '../accounts/find-users.ts';
import type { Context } from '../context.ts';
import type { StreamDeclaration, Streams } from '../realtime/declarations.ts';
import type { OnlineMembers } from '../rooms/online-members.ts';
import { isCallSignal } from './conferences.ts';

const EVENT = 'video-conference';

/**
 * Lets clients tell each other about calls through `notify-user` (spec 40 §8.3): only of a call that exists, in a room that
 * both may enter. What else is written to the stream is its own business.
 */
export function withCallSignals(streams: readonly StreamDeclaration[]): StreamDeclaration[] {
  return streams.map((stream) => {
    if (stream.name !== 'notify-user') return stream;
    return {
      ...stream,
      async write(ctx, emitter, request) {
        const { caller, eventName, args, connection } = request;
        const slash = eventName.indexOf('/');
        if (eventName.slice(slash + 1) !== EVENT) return stream.write?.(ctx, emitter, request);
        const signal = signalIn(args[0]);
        const other = await findUserById(ctx, eventName.slice(0, slash));
        if (!caller || !signal || !other) return;
        if (!(await isCallSignal(ctx, caller, callerFor(other, caller), signal))) return;
        const { action, callId, rid, uid } = signal;
        emitter.emit('notify-user', eventName, [{ action, params: { callId, uid, rid } }], {
          except: connection.id,
        });
      },
    };
  });
}

/** Only what is known of a signal is passed on. */
function signalIn(arg: unknown) {
  const { action, params } = bag(arg);
  const { callId, uid, rid } = bag(params);
  const isWhole = [action, callId, uid, rid].every((part) => typeof part === 'string');
  return isWhole
    ? { action: action as string, callId: callId as string, uid: uid as string, rid: rid as string }
    : undefined;
}

const bag = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

export function wireConferenceEvents(ctx: Context, streams: Streams, online: OnlineMembers): void {
  ctx.events.on('conference.changed', ({ rid, callId }) => {
    streams.emit('notify-room', `${rid}/videoconf`, [callId]);
  });
  ctx.events.on('conference.rings', ({ rid, callId, uid }) => {
    const others = [...online.of(rid)].filter((member) => member !== uid);
    streams.emitToUsers(others, EVENT, [{ action: 'ring', params: { uid, rid, callId } }]);
  });
}
