import { expect, test } from 'vitest';
import { settingsOver } from '../kernel/settings.ts';
import type { Room, RoomRetention } from '../rooms/room.ts';
import { retentionPolicy, ruleOf } from './retention-rule.ts';

const DAY = 24 * 60 * 60_000;
const GLOBAL = {
  RetentionPolicy_AppliesToChannels: true,
  RetentionPolicy_TTL_Channels: 5 * DAY,
  RetentionPolicy_AppliesToGroups: false,
  RetentionPolicy_TTL_Groups: 5 * DAY,
  RetentionPolicy_AppliesToDMs: true,
  RetentionPolicy_TTL_DMs: 0,
  RetentionPolicy_DoNotPrunePinned: true,
  RetentionPolicy_FilesOnly: false,
  RetentionPolicy_DoNotPruneThreads: true,
  RetentionPolicy_DoNotPruneDiscussion: true,
};
const rule = (type: string, retention?: RoomRetention, more: object = {}, settings: object = {}) => {
  const all: Record<string, unknown> = { ...GLOBAL, ...settings };
  const room = { type, parentId: null, details: { retention }, ...more } as unknown as Room;
  return ruleOf(retentionPolicy(settingsOver((id) => all[id])), room);
};
const OF_WORKSPACE = {
  ...{ maxAge: 5 * DAY, filesOnly: false, excludePinned: true, ignoreThreads: true, ignoreDiscussion: true },
};
const OWN = {
  ...{
    maxAge: 30 * DAY,
    filesOnly: false,
    excludePinned: false,
    ignoreThreads: false,
    ignoreDiscussion: true,
  },
};

test.each<[string, string, RoomRetention | undefined, object | undefined]>([
  ['a kind that the policy is for', 'c', undefined, OF_WORKSPACE],
  ['a kind that it is not for', 'p', undefined, undefined],
  ['a kind with an age of nothing', 'd', undefined, undefined],
  ['a room that takes part', 'c', { enabled: true }, OF_WORKSPACE],
  ['a room that takes no part', 'c', { enabled: false }, undefined],
  [
    'a room whose own age does not count',
    'c',
    { enabled: true, maxAge: 2, overrideGlobal: false },
    OF_WORKSPACE,
  ],
  ['an own rule of any kind of room', 'p', { enabled: true, overrideGlobal: true }, OWN],
  [
    'an own rule with everything',
    'd',
    {
      enabled: true,
      overrideGlobal: true,
      maxAge: 2,
      filesOnly: true,
      excludePinned: true,
      ignoreThreads: true,
    },
    { maxAge: 2 * DAY, filesOnly: true, excludePinned: true, ignoreThreads: true, ignoreDiscussion: true },
  ],
  ['an own rule that is switched off', 'c', { enabled: false, overrideGlobal: true }, undefined],
  ['an own rule that nobody switched on', 'c', { overrideGlobal: true, maxAge: 2 }, undefined],
])('the rule of %s', (_what, type, retention, expected) => {
  expect(rule(type, retention)).toEqual(expected);
});

test('discussions follow the rules only where the workspace says so', () => {
  const discussion = { parentId: 'x' };
  expect(rule('c', undefined, discussion)).toBeUndefined();
  expect(rule('c', { enabled: true, overrideGlobal: true }, discussion)).toBeUndefined();
  const settings = { RetentionPolicy_DoNotPruneDiscussion: false };
  expect(rule('c', undefined, discussion, settings)).toEqual({ ...OF_WORKSPACE, ignoreDiscussion: false });
});
