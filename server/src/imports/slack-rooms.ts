import { LooseObject } from './loose-object.ts';
import type { StagedRoom, StagedUser } from './staged.ts';

/** The lists at the root of a Slack export (spec 32 B.1). */
export const ROOM_LISTS: Readonly<Record<string, 'channel' | 'group' | 'mpim' | 'dm'>> = {
  'channels.json': 'channel',
  'groups.json': 'group',
  'mpims.json': 'mpim',
  'dms.json': 'dm',
};

export function slackUser(item: unknown): StagedUser | undefined {
  const user = new LooseObject(item);
  const id = user.text('id');
  if (!id) return undefined;
  const profile = user.object('profile');
  const email = profile.text('email');
  const offset = user.number('tz_offset');
  const avatarUrl = profile.text('image_original') ?? profile.text('image_512');
  const isBot = user.flag('is_bot');
  return {
    importIds: [id],
    emails: email ? [email] : [],
    username: user.text('name'),
    name: profile.text('real_name'),
    utcOffset: offset === undefined ? undefined : offset / 3600,
    avatarUrl,
    deleted: user.flag('deleted'),
    statusText: profile.text('status_text'),
    bio: profile.text('title'),
    type: isBot ? 'bot' : 'user',
    roles: isBot ? ['bot'] : [],
  };
}

/** What messages need to know of the room that they are in. */
export interface SlackPlace {
  id: string;
  name: string | undefined;
  /** By the time of the message, as Slack writes it: when it was pinned (ms) and by whom. */
  pins: ReadonlyMap<string, { at: number; by: string }>;
}

export function slackRoom(
  item: unknown,
  kind: (typeof ROOM_LISTS)[string],
  maxDirect: number,
): { staged: StagedRoom; place: SlackPlace } | undefined {
  const room = new LooseObject(item);
  const id = room.text('id');
  if (!id) return undefined;
  const name = room.text('name');
  const creator = room.text('creator');
  const members = room.texts('members');
  // Rooms that nobody made are none; direct ones have no maker.
  if (kind !== 'dm' && creator === undefined) return undefined;
  const isDirect = kind === 'dm' || (kind === 'mpim' && members.length <= maxDirect);
  const created = room.number('created');
  const staged: StagedRoom = {
    ...{ importIds: [id], members, archived: room.flag('is_archived') },
    ...(created === undefined ? {} : { createdAt: created * 1000 }),
    ...(isDirect
      ? { type: 'd' }
      : {
          ...{ type: kind === 'channel' ? 'c' : 'p', name, creator },
          isGeneral: kind === 'channel' && room.flag('is_general'),
          topic: room.object('topic').text('value'),
          description: room.object('purpose').text('value'),
        }),
  };
  return { staged, place: { id, name, pins: pinsOf(room, creator ?? '') } };
}

function pinsOf(room: LooseObject, creator: string): SlackPlace['pins'] {
  return new Map(
    room.objects('pins').flatMap((pin) => {
      const ts = pin.text('id');
      if (!ts) return [];
      const at = (pin.number('created') ?? Number.parseFloat(ts)) * 1000;
      return Number.isFinite(at) ? [[ts, { at, by: pin.text('user') ?? creator }]] : [];
    }),
  );
}
