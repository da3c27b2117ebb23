import type { CustomSound } from './custom-sounds.ts';

/** Custom sounds on the wire (spec 23, "Custom sounds"). */
export const presentSound = ({ id, name, extension, updated_at }: CustomSound): object => ({
  _id: id,
  name,
  extension,
  _updatedAt: new Date(updated_at),
});
