import { Type } from 'typebox';
import { refuse } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { freeObject, roomIdOrName } from '../rest/schemas.ts';
import { CHANNELS, type Family, GROUPS, roomAnswer } from './family.rest.ts';
import { roomLabel } from './room.ts';
import { saveRoomSettings } from './save-room-settings.ts';

/** Changing a room: each setter is one member of `saveRoomSettings` (spec 10 §8). */

function rename(family: Family): Endpoint {
  return endpoint({
    method: 'POST',
    path: `${family.prefix}.rename`,
    summary: `Renames a ${family.noun}.`,
    auth: 'user',
    body: roomIdOrName({ name: Type.String() }),
    response: freeObject,
    async handler(ctx, { caller, body }) {
      const room = await family.find(ctx, caller, body);
      if (!body.name.trim()) refuse('The bodyParam "name" is required');
      if (family.type === 'c' && (body.name === room.name || body.name === roomLabel(room))) {
        refuse('The channel name is the same as what it would be renamed to.');
      }
      return roomAnswer(
        family,
        caller,
        await saveRoomSettings(ctx, caller, room.id, { roomName: body.name }),
      );
    },
  });
}

const TEXTS = [
  { path: 'setTopic', param: 'topic', setting: 'roomTopic', field: 'topic', same: 'topic' },
  {
    path: 'setDescription',
    param: 'description',
    setting: 'roomDescription',
    field: 'description',
    same: 'description',
  },
  {
    path: 'setPurpose',
    param: 'purpose',
    setting: 'roomDescription',
    field: 'description',
    same: 'purpose (description)',
  },
  {
    path: 'setAnnouncement',
    param: 'announcement',
    setting: 'roomAnnouncement',
    field: 'announcement',
    same: undefined,
  },
] as const;

/** `""` clears. Only channels refuse the value they have already. */
function setText(family: Family, { path, param, setting, field, same }: (typeof TEXTS)[number]): Endpoint {
  return endpoint({
    method: 'POST',
    path: `${family.prefix}.${path}`,
    summary: `Sets the ${param} of a ${family.noun}.`,
    auth: 'user',
    body: roomIdOrName({ [param]: Type.String() }),
    response: freeObject,
    async handler(ctx, { caller, body }) {
      const room = await family.find(ctx, caller, body);
      const text = String((body as Record<string, unknown>)[param] ?? '');
      if (family.type === 'c' && same && room.details[field] === text) {
        refuse(`The channel ${same} is the same as what it would be changed to.`);
      }
      await saveRoomSettings(ctx, caller, room.id, { [setting]: text });
      return { [param]: text };
    },
  });
}

function setReadOnly(family: Family): Endpoint {
  return endpoint({
    method: 'POST',
    path: `${family.prefix}.setReadOnly`,
    summary: 'Allows or forbids ordinary members to post.',
    auth: 'user',
    body: roomIdOrName({ readOnly: Type.Boolean() }),
    response: freeObject,
    async handler(ctx, { caller, body }) {
      const room = await family.find(ctx, caller, body);
      if (room.readOnly === body.readOnly) {
        refuse(`The ${family.noun} read only setting is the same as what it would be changed to.`);
      }
      return roomAnswer(
        family,
        caller,
        await saveRoomSettings(ctx, caller, room.id, { readOnly: body.readOnly }),
      );
    },
  });
}

function setType(family: Family): Endpoint {
  return endpoint({
    method: 'POST',
    path: `${family.prefix}.setType`,
    summary: 'Makes a room public or private.',
    auth: 'user',
    body: roomIdOrName({ type: Type.String() }),
    response: freeObject,
    async handler(ctx, { caller, body }) {
      const room = await family.find(ctx, caller, body);
      if (!body.type.trim()) refuse('The bodyParam "type" is required');
      if (room.type === body.type)
        refuse(`The ${family.noun} type is the same as what it would be changed to.`);
      return roomAnswer(
        family,
        caller,
        await saveRoomSettings(ctx, caller, room.id, { roomType: body.type }),
      );
    },
  });
}

function setCustomFields(family: Family): Endpoint {
  return endpoint({
    method: 'POST',
    path: `${family.prefix}.setCustomFields`,
    summary: 'Replaces the custom fields of a room.',
    auth: 'user',
    body: roomIdOrName({ customFields: freeObject }),
    response: freeObject,
    async handler(ctx, { caller, body }) {
      const room = await family.find(ctx, caller, body);
      const saved = await saveRoomSettings(ctx, caller, room.id, { roomCustomFields: body.customFields });
      return roomAnswer(family, caller, saved);
    },
  });
}

const setJoinCode = endpoint({
  method: 'POST',
  path: 'channels.setJoinCode',
  summary: 'Sets the code that is asked of those who join.',
  auth: 'user',
  body: roomIdOrName({ joinCode: Type.String() }),
  response: freeObject,
  async handler(ctx, { caller, body }) {
    const room = await CHANNELS.find(ctx, caller, body);
    if (!body.joinCode.trim()) refuse('The bodyParam "joinCode" is required');
    return roomAnswer(
      CHANNELS,
      caller,
      await saveRoomSettings(ctx, caller, room.id, { joinCode: body.joinCode }),
    );
  },
});

const setDefault = endpoint({
  method: 'POST',
  path: 'channels.setDefault',
  summary: 'Makes new users join the channel automatically, or no longer.',
  auth: 'user',
  body: roomIdOrName({ default: Type.Union([Type.Boolean(), Type.String(), Type.Number()]) }),
  response: freeObject,
  async handler(ctx, { caller, body }) {
    const room = await CHANNELS.find(ctx, caller, body);
    const wanted = ['true', '1'].includes(String(body.default).toLowerCase());
    if (room.isDefault === wanted) {
      // The two error types of this endpoint are swapped on purpose (spec 10 §8).
      refuse(
        'The channel default setting is the same as what it would be changed to.',
        'error-channels-setdefault-missing-default-param',
      );
    }
    return roomAnswer(CHANNELS, caller, await saveRoomSettings(ctx, caller, room.id, { default: wanted }));
  },
});

const setEncrypted = endpoint({
  method: 'POST',
  path: 'groups.setEncrypted',
  summary: 'Switches end-to-end encryption of a group on or off.',
  auth: 'user',
  body: roomIdOrName({ encrypted: Type.Boolean() }),
  response: freeObject,
  async handler(ctx, { caller, body }) {
    const room = await GROUPS.find(ctx, caller, body);
    return roomAnswer(
      GROUPS,
      caller,
      await saveRoomSettings(ctx, caller, room.id, { encrypted: body.encrypted }),
    );
  },
});

export const roomSettingsEndpoints: Endpoint[] = [
  ...[CHANNELS, GROUPS].flatMap((family) => [
    rename(family),
    ...TEXTS.map((text) => setText(family, text)),
    setReadOnly(family),
    setType(family),
    setCustomFields(family),
  ]),
  setJoinCode,
  setDefault,
  setEncrypted,
];
