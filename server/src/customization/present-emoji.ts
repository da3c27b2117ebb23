import type { CustomEmoji, RemovedEmoji } from './custom-emoji.ts';

/** Custom emoji on the wire (spec 23, "Custom emoji"). */

export function presentEmoji({ id, name, aliases, extension, etag, updatedAt }: CustomEmoji): object {
  return { _id: id, name, aliases, extension, etag, _updatedAt: new Date(updatedAt) };
}

export function presentRemovedEmoji({ emoji, deletedAt }: RemovedEmoji): object {
  const { id, name, aliases, extension, updatedAt } = emoji;
  return {
    ...{ _id: id, name, aliases, extension },
    _updatedAt: new Date(updatedAt),
    _deletedAt: new Date(deletedAt),
  };
}
