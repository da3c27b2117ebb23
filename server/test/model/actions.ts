import type { Frame } from '../support/ddp-client.ts';
import { sendForm, uploadFile } from '../support/files.ts';
import { Importing } from '../support/importing.ts';
import type { Answer, Person, TestServer } from '../support/server.ts';

/** What the actions act on. They follow each other: each leaves the stage as its successors expect it. */
export interface Stage {
  server: TestServer;
  admin: Person;
  /** Owner of the rooms. */
  alice: Person;
  /** Member. */
  bob: Person;
  /** Comes and goes. */
  carol: Person;
  /** Id of a channel, of a group and of the direct room of alice and bob. */
  channel: string;
  group: string;
  direct: string;
  /** The last message that an action sent, by what it is called. */
  messages: Map<string, Frame>;
}

export interface Action {
  name: string;
  run(stage: Stage): Promise<Answer | undefined>;
}

const action = (name: string, run: Action['run']): Action => ({ name, run });

const idOf = (stage: Stage, label: string): string => {
  const message = stage.messages.get(label);
  if (!message) throw new Error(`no message is called ${label}`);
  return message._id;
};

/** Sends a message and remembers it under its text. */
async function say(
  stage: Stage,
  person: Person,
  rid: string,
  msg: string,
  more: object = {},
): Promise<Answer> {
  const answer = await person.post('chat.sendMessage', { message: { rid, msg, ...more } });
  if (answer.body.message) stage.messages.set(msg, answer.body.message);
  return answer;
}

/** The team that alice made of the channel. */
async function teamOf(stage: Stage): Promise<{ _id: string }> {
  const { body } = await stage.alice.get('rooms.info', { roomId: stage.channel });
  return body.team;
}

const settings = (rid: string, change: object) => ({ rid, ...change });

async function sendFile(stage: Stage, person: Person, rid: string, msg: string): Promise<Answer> {
  const { _id } = await uploadFile(stage.server, person, rid, { name: 'a.txt', bytes: 'some text' });
  const answer = await person.post(`rooms.mediaConfirm/${rid}/${_id}`, { msg });
  stage.messages.set(msg, answer.body.message);
  return answer;
}

/** Somebody else's program writes; its account becomes a bot, and joins on the way. */
async function sayByWebhook(stage: Stage, msg: string): Promise<Answer> {
  const { body } = await stage.admin.post('integrations.create', {
    ...{ type: 'webhook-incoming', name: 'hook', username: 'rocket.cat', channel: `#${stage.channel}` },
    ...{ scriptEnabled: false, enabled: true },
  });
  const { _id, token } = body.integration;
  return stage.server.anonymous.post(`../../hooks/${_id}/${token}`, { text: msg });
}

/** A picture of one pixel. */
const DOT =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==';

const setAvatar = (stage: Stage, person: Person): Promise<Answer> =>
  sendForm(stage.server, person, 'users.setAvatar', {
    files: [{ field: 'image', name: 'a.png', type: 'image/png', bytes: Buffer.from(DOT, 'base64') }],
  });

const ALWAYS = { oldest: '1970-01-01T00:00:00Z', latest: '2100-01-01T00:00:00Z' };

/** Add a line for every new kind of change: it is then held against what each kind of client knows. */
export const ACTIONS: readonly Action[] = [
  action('a message', (s) => say(s, s.bob, s.channel, 'hello')),
  action('a message of the owner', (s) => say(s, s.alice, s.channel, 'hi')),
  action('a mention', (s) => say(s, s.alice, s.channel, '@bob look')),
  action('@all', (s) => say(s, s.alice, s.channel, '@all look')),
  action('a message into a group', (s) => say(s, s.bob, s.group, 'psst')),
  action('a direct message', (s) => say(s, s.alice, s.direct, 'dear bob')),
  action('reading a room', (s) => s.bob.post('subscriptions.read', { rid: s.channel })),
  action('marking as unread', (s) => s.bob.post('subscriptions.unread', { roomId: s.channel })),
  action('reading it again', (s) => s.bob.post('subscriptions.read', { rid: s.channel })),
  action('an edit', (s) =>
    s.bob.post('chat.update', { roomId: s.channel, msgId: idOf(s, 'hello'), text: 'hello, all' }),
  ),
  action('a reaction', (s) =>
    s.alice.post('chat.react', { messageId: idOf(s, 'hello'), emoji: ':tada:', shouldReact: true }),
  ),
  action('a reaction taken back', (s) =>
    s.alice.post('chat.react', { messageId: idOf(s, 'hello'), emoji: ':tada:', shouldReact: false }),
  ),
  action('a star', (s) => s.bob.post('chat.starMessage', { messageId: idOf(s, 'hi') })),
  action('a second star', (s) => s.alice.post('chat.starMessage', { messageId: idOf(s, 'hi') })),
  action('a star taken away', (s) => s.bob.post('chat.unStarMessage', { messageId: idOf(s, 'hi') })),
  action('a pin', (s) => s.alice.post('chat.pinMessage', { messageId: idOf(s, 'hi') })),
  action('an unpin', (s) => s.alice.post('chat.unPinMessage', { messageId: idOf(s, 'hi') })),
  action('a reply', (s) => say(s, s.bob, s.channel, 'reply', { tmid: idOf(s, 'hi') })),
  action('a reply that is shown', (s) =>
    say(s, s.alice, s.channel, 'shown', { tmid: idOf(s, 'hi'), tshow: true }),
  ),
  action('following a thread', (s) => s.bob.post('chat.followMessage', { mid: idOf(s, 'hi') })),
  action('unfollowing it', (s) => s.bob.post('chat.unfollowMessage', { mid: idOf(s, 'hi') })),
  action('reading threads too', (s) =>
    s.bob.post('subscriptions.read', { rid: s.channel, readThreads: true }),
  ),
  action('a deleted reply', (s) => s.bob.post('chat.delete', { roomId: s.channel, msgId: idOf(s, 'reply') })),
  action('a deleted message', (s) =>
    s.bob.post('chat.delete', { roomId: s.channel, msgId: idOf(s, 'hello') }),
  ),
  action('the last message', (s) => say(s, s.alice, s.channel, 'last words')),
  action('its deletion', (s) =>
    s.alice.post('chat.delete', { roomId: s.channel, msgId: idOf(s, 'last words') }),
  ),
  action('a join', (s) => s.carol.post('channels.join', { roomId: s.channel })),
  action('a message of the new member', (s) => say(s, s.carol, s.channel, 'me too')),
  action('a role', (s) => s.alice.post('channels.addModerator', { roomId: s.channel, userId: s.bob.uid })),
  action('a second owner', (s) =>
    s.alice.post('channels.addOwner', { roomId: s.channel, userId: s.carol.uid }),
  ),
  action('a role taken away', (s) =>
    s.alice.post('channels.removeModerator', { roomId: s.channel, userId: s.bob.uid }),
  ),
  action('a leader', (s) => s.alice.post('channels.addLeader', { roomId: s.channel, userId: s.bob.uid })),
  action('a member with roles who leaves', (s) => s.carol.post('channels.leave', { roomId: s.channel })),
  action('an invitation', (s) => s.alice.post('channels.invite', { roomId: s.channel, userId: s.carol.uid })),
  action('a kick', (s) => s.alice.post('channels.kick', { roomId: s.channel, userId: s.carol.uid })),
  action('an invitation into a group', (s) =>
    s.alice.post('groups.invite', { roomId: s.group, userId: s.carol.uid }),
  ),
  action('leaving a group', (s) => s.carol.post('groups.leave', { roomId: s.group })),
  action('a topic', (s) => s.alice.post('channels.setTopic', { roomId: s.channel, topic: 'trains' })),
  action('a description', (s) =>
    s.alice.post('channels.setDescription', { roomId: s.channel, description: 'of all kinds' }),
  ),
  action('an announcement', (s) =>
    s.alice.post('channels.setAnnouncement', { roomId: s.channel, announcement: 'soon' }),
  ),
  action('custom fields', (s) =>
    s.alice.post('channels.setCustomFields', { roomId: s.channel, customFields: { gauge: 1435 } }),
  ),
  action('a new name', (s) => s.alice.post('channels.rename', { roomId: s.channel, name: 'locomotives' })),
  action('read-only', (s) => s.alice.post('channels.setReadOnly', { roomId: s.channel, readOnly: true })),
  action('no longer read-only', (s) =>
    s.alice.post('channels.setReadOnly', { roomId: s.channel, readOnly: false }),
  ),
  action('becoming private', (s) =>
    s.alice.post('rooms.saveRoomSettings', settings(s.channel, { roomType: 'p' })),
  ),
  action('becoming public', (s) =>
    s.alice.post('rooms.saveRoomSettings', settings(s.channel, { roomType: 'c' })),
  ),
  action('archiving', (s) => s.alice.post('channels.archive', { roomId: s.channel })),
  action('unarchiving', (s) => s.admin.post('channels.unarchive', { roomId: s.channel })),
  action('a favorite', (s) => s.bob.post('rooms.favorite', { roomId: s.channel, favorite: true })),
  action('no favorite', (s) => s.bob.post('rooms.favorite', { roomId: s.channel, favorite: false })),
  action('hiding', (s) => s.bob.post('channels.close', { roomId: s.channel })),
  action('a message that opens it again', (s) => say(s, s.alice, s.channel, 'are you there?')),
  action('hiding a direct room', (s) => s.bob.post('rooms.hide', { roomId: s.direct })),
  action('a direct message that opens it again', (s) => say(s, s.alice, s.direct, 'hello?')),
  action('a discussion', (s) =>
    s.alice.post('rooms.createDiscussion', { prid: s.channel, t_name: 'Beside', users: ['bob'] }),
  ),
  action('a message in it', async (s) => {
    const { body } = await s.alice.get('rooms.getDiscussions', { roomId: s.channel });
    return say(s, s.bob, body.discussions[0]._id, 'in the discussion');
  }),
  action('the end of the discussion', async (s) => {
    const { body } = await s.alice.get('rooms.getDiscussions', { roomId: s.channel });
    return s.alice.post('rooms.delete', { roomId: body.discussions[0]._id });
  }),
  action('muting', (s) => s.alice.post('rooms.muteUser', { roomId: s.group, userId: s.bob.uid })),
  action('unmuting', (s) => s.alice.post('rooms.unmuteUser', { roomId: s.group, userId: s.bob.uid })),
  action('ignoring somebody', (s) =>
    s.bob.get('chat.ignoreUser', { rid: s.group, userId: s.alice.uid, ignore: 'true' }),
  ),
  action('notification settings', (s) =>
    s.bob.post('rooms.saveNotification', { roomId: s.group, notifications: { desktopNotifications: 'all' } }),
  ),
  action('a draft', (s) => s.bob.post('rooms.saveDraft', { rid: s.group, draft: 'Dear' })),
  action('a draft in a thread', (s) =>
    s.bob.post('rooms.saveDraft', { rid: s.group, draft: 'Dear', tmid: 'thread' }),
  ),
  action('translation', (s) =>
    s.bob.post('autotranslate.saveSettings', { roomId: s.group, field: 'autoTranslate', value: true }),
  ),
  action('its end', (s) =>
    s.bob.post('autotranslate.saveSettings', { roomId: s.group, field: 'autoTranslate', value: false }),
  ),
  action('a ban', (s) => s.alice.post('rooms.banUser', { roomId: s.group, userId: s.bob.uid })),
  action('the end of the ban', (s) =>
    s.alice.post('rooms.unbanUser', { roomId: s.group, userId: s.bob.uid }),
  ),
  action('an invitation after the ban', (s) =>
    s.alice.post('groups.invite', { roomId: s.group, userId: s.bob.uid }),
  ),
  action('a block', (s) => s.alice.post('im.blockUser', { roomId: s.direct, block: true })),
  action('its end', (s) => s.alice.post('im.blockUser', { roomId: s.direct, block: false })),
  action('a status', (s) => s.bob.post('users.setStatus', { status: 'busy', message: 'driving' })),
  action('a status without text', (s) => s.bob.post('users.setStatus', { status: 'online', message: '' })),
  action('a name', (s) => s.admin.post('users.update', { userId: s.bob.uid, data: { name: 'Robert' } })),
  action('a username', (s) =>
    s.admin.post('users.update', { userId: s.bob.uid, data: { username: 'robert' } }),
  ),
  action('the username back', (s) =>
    s.admin.post('users.update', { userId: s.bob.uid, data: { username: 'bob' } }),
  ),
  action('an own profile', (s) => s.carol.post('users.updateOwnBasicInfo', { data: { nickname: 'Caz' } })),
  action('preferences', (s) =>
    s.bob.post('users.setPreferences', { data: { emailNotificationMode: 'nothing' } }),
  ),
  action('highlights', (s) => s.bob.post('users.setPreferences', { data: { highlights: ['steam'] } })),
  action('a highlighted word', (s) => say(s, s.alice, s.group, 'full steam ahead')),
  action('a file', (s) => sendFile(s, s.bob, s.channel, 'my notes')),
  action('a file removed from its message', (s) => {
    const [file] = s.messages.get('my notes')?.files ?? [];
    return s.bob.post('uploads.delete', { fileId: file?._id });
  }),
  action('a file in a group', (s) => sendFile(s, s.alice, s.group, 'secret notes')),
  action('its message deleted', (s) =>
    s.alice.post('chat.delete', { roomId: s.group, msgId: idOf(s, 'secret notes') }),
  ),
  action('a message of a webhook', (s) => sayByWebhook(s, 'built')),
  action('a picture of a person', (s) => setAvatar(s, s.bob)),
  action('a picture of a person taken away', (s) => s.bob.post('users.resetAvatar', { userId: s.bob.uid })),
  action('a picture of a room', (s) =>
    s.alice.post('rooms.saveRoomSettings', { rid: s.channel, roomAvatar: `data:image/png;base64,${DOT}` }),
  ),
  action('a pruned history without the pinned messages', (s) =>
    s.admin.post('rooms.cleanHistory', { roomId: s.channel, ...ALWAYS, excludePinned: true }),
  ),
  action('the oldest messages pruned', (s) =>
    s.admin.post('rooms.cleanHistory', { roomId: s.channel, ...ALWAYS, limit: 1 }),
  ),
  action('what a room decides about old messages', (s) =>
    s.admin.post(
      'rooms.saveRoomSettings',
      settings(s.channel, { retentionEnabled: true, retentionMaxAge: 9, retentionOverrideGlobal: true }),
    ),
  ),
  action('old messages that the policy removes', async (s) => {
    const enable = (value: boolean) => s.admin.post('settings/RetentionPolicy_Enabled', { value });
    await enable(true);
    await s.server.server.oldMessages.prune(Date.now() + 10 * 24 * 60 * 60_000);
    return enable(false);
  }),
  action('a new role', (s) =>
    s.admin.post('roles.create', { name: 'driver', scope: 'Users', description: 'Drives' }),
  ),
  action('a global role', (s) =>
    s.admin.post('roles.addUserToRole', { roleName: 'driver', username: 'carol' }),
  ),
  action('a global role taken away', (s) =>
    s.admin.post('roles.removeUserFromRole', { roleName: 'driver', username: 'carol' }),
  ),
  action('a permission', (s) =>
    s.admin.post('permissions.update', {
      permissions: [{ _id: 'create-c', roles: ['admin', 'bot', 'user'] }],
    }),
  ),
  action('a setting', (s) => s.admin.post('settings/Message_AllowPinning', { value: false })),
  action('the setting back', (s) => s.admin.post('settings/Message_AllowPinning', { value: true })),
  action('a login service', (s) => s.admin.post('settings.addCustomOAuth', { name: 'model' })),
  action('its removal', (s) => s.admin.post('settings.removeCustomOAuth', { name: 'model' })),
  action('a new channel', (s) => s.bob.post('channels.create', { name: 'side', members: ['alice'] })),
  action('its deletion', (s) => s.bob.post('channels.delete', { roomName: 'side' })),
  action('a new direct room', (s) => s.carol.post('im.create', { username: 'alice' })),
  action('its deletion by an administrator', async (s) => {
    const { body } = await s.carol.post('im.create', { username: 'alice' });
    return s.admin.post('im.delete', { roomId: body.room._id });
  }),
  action('the same direct room anew', (s) => s.carol.post('im.create', { username: 'alice' })),
  action('a report', async (s) => {
    await say(s, s.bob, s.channel, 'rude words');
    const report = { messageId: idOf(s, 'rude words'), description: 'rude' };
    return s.alice.post('chat.reportMessage', report);
  }),
  action('reported messages deleted by a moderator', (s) =>
    s.admin.post('moderation.user.deleteReportedMessages', { userId: s.bob.uid }),
  ),
  action('a new team', (s) => s.alice.post('channels.convertToTeam', { channelId: s.channel })),
  action('a room put into the team', async (s) => {
    const { _id: teamId } = await teamOf(s);
    return s.alice.post('teams.addRooms', { teamId, rooms: [s.group] });
  }),
  action('a room that members of the team join by themselves', (s) =>
    s.alice.post('teams.updateRoom', { roomId: s.group, isDefault: true }),
  ),
  action('a new member of the team', async (s) => {
    const { _id: teamId } = await teamOf(s);
    const members = [{ userId: s.carol.uid, roles: ['moderator'] }];
    return s.alice.post('teams.addMembers', { teamId, members });
  }),
  action('other roles in the team', async (s) => {
    const { _id: teamId } = await teamOf(s);
    return s.alice.post('teams.updateMember', { teamId, member: { userId: s.carol.uid, roles: ['leader'] } });
  }),
  action('a new name and a new type of the team', async (s) => {
    const { _id: teamId } = await teamOf(s);
    return s.alice.post('teams.update', { teamId, data: { name: 'railways', type: 1 } });
  }),
  action('leaving the team and a room of it', async (s) => {
    const { _id: teamId } = await teamOf(s);
    return s.carol.post('teams.leave', { teamId, rooms: [s.group] });
  }),
  action('a room taken out of the team', async (s) => {
    const { _id: teamId } = await teamOf(s);
    return s.alice.post('teams.removeRoom', { teamId, roomId: s.group });
  }),
  action('a member taken out of the team', async (s) => {
    const { _id: teamId } = await teamOf(s);
    return s.alice.post('teams.removeMember', { teamId, userId: s.bob.uid });
  }),
  action('the end of the team, not of its room', async (s) => {
    const { _id: teamId } = await teamOf(s);
    return s.alice.post('teams.convertToChannel', { teamId });
  }),
  action('a team with a room of its own', (s) =>
    s.alice.post('teams.create', { name: 'drivers', type: 1, members: ['bob', 'carol'] }),
  ),
  action('a channel of that team', async (s) => {
    const { teams } = (await s.alice.get('teams.list')).body;
    const extraData = { teamId: teams[0]._id };
    return s.alice.post('channels.create', { name: 'timetables', members: ['bob'], extraData });
  }),
  action('the end of the team with its main room', (s) =>
    s.alice.post('teams.delete', { teamName: 'drivers' }),
  ),
  action('a room with its history, and people, from another system', async ({ server }) => {
    await new Importing(server).all('csv', {
      'users.csv': 'bob,bob@example.com,Robert\nmallory,mallory@example.com,Mallory',
      'channels.csv': 'archives,alice,public,bob;mallory',
      'archives/messages.csv': 'bob,1580428800000,long ago\nalice,1580428800001,@bob even longer',
      'directmessages/messages.csv': 'alice,carol,1580428800000,psst',
    });
    return undefined;
  }),
];
