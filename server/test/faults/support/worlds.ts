import { createHash } from 'node:crypto';
import { uploadFile } from '../../support/files.ts';
import type { Person, TestServer } from '../../support/server.ts';
import type { Known } from './hostile-inputs.ts';
import { prepareAccounts } from './prepare-accounts.ts';
import { prepareCustomization } from './prepare-customization.ts';
import { IN_DIRECTORY } from './small-directory.ts';

/** Endpoints and methods about a file that was uploaded before. */
const USES_UPLOAD = /^(rooms\.mediaConfirm|uploads\.|sendFileMessage|deleteFileMessage)/;

const EARLIER = '2024-01-01T00:00:00.000Z';

/** Makes new things for each endpoint of a sweep, because most endpoints change or remove what they are given. */
export class Worlds {
  readonly #server: TestServer;
  #made = 0;

  constructor(server: TestServer) {
    this.#server = server;
  }

  /** Some endpoints end the caller's session or change its account. */
  async disposableAdmin(): Promise<Person> {
    this.#made += 1;
    return this.#server.person(`admin-${this.#made}`, { roles: ['admin'] });
  }

  /** A victim, a room of the right type with a message, a role, and names that are free, for the endpoint's inputs. */
  async around(owner: Person, path: string): Promise<Known> {
    this.#made += 1;
    const n = this.#made;
    const username = `victim-${n}`;
    const victim = await this.#server.person(username);
    const room = await roomFor(owner, path, n, username);
    const { message } = await made(owner, 'chat.sendMessage', {
      message: { rid: room._id, msg: 'a message' },
    });
    const { role } = await made(owner, 'roles.create', { name: `role-${n}` });
    const messageId = message._id;
    const { _id: roomId, name: roomName } = room;
    const known: Record<string, unknown> = {
      ...{ _id: roomId, roomId, rid: roomId, channelId: roomId, roomName, channelName: roomName },
      ...{ userId: victim.uid, username, usernames: username, user: username },
      ...{
        msgId: messageId,
        messageId,
        mid: messageId,
        tmid: messageId,
        firstUnreadMessage: { _id: messageId },
      },
      ...{ role: role._id, roleId: role._id, name: `new-${n}`, email: `new-${n}@example.com` },
      ...{ password: 'some password', pass: 'some password', tokenName: 'token', status: 'busy' },
      ...{ since: EARLIER, updatedSince: EARLIER, lastUpdate: EARLIER },
      ...{ emoji: ':smile:', text: 'some text', value: 'Ours', selector: '{"term":"vic"}' },
      type: path.startsWith('groups.') ? 'c' : 'p',
      message: 'some text',
      permissionId: 'mention-all',
      ...{ command: 'me', cmd: 'me', params: 'some text' },
      permissions: [{ _id: 'mention-all', roles: [role._id] }],
      settings: [{ _id: 'Site_Name', value: 'Ours' }],
      ...owned(path, owner, { roomId, messageId }, n),
    };
    if (path.startsWith('custom-user-status.')) Object.assign(known, await offeredStatus(owner, n));
    if (USES_UPLOAD.test(path)) {
      const file = { name: 'a.txt', type: 'text/plain', bytes: 'some text' };
      known.fileId = (await uploadFile(this.#server, owner, roomId, file))._id;
    }
    if (path.startsWith('integrations.')) Object.assign(known, await webhookFor(owner, path, roomId));
    await prepare(owner, path, known);
    await prepareAccounts(this.#server, owner, path, known);
    await prepareCustomization(this.#server, owner, path, known);
    return known;
  }
}

/** Where a common name means something else to one endpoint. */
function owned(
  path: string,
  owner: Person,
  { roomId, messageId }: { roomId: string; messageId: string },
  n: number,
): Known {
  switch (path) {
    case 'settings/:_id':
      return { _id: 'Site_Name' };
    case 'login':
      return { user: owner.username, password: owner.password };
    case 'ldap.testSearch':
      return { username: IN_DIRECTORY };
    case 'settings.addCustomOAuth':
    case 'settings.removeCustomOAuth':
      return { name: `service${n}` };
    case 'users.deleteOwnAccount':
      return { password: createHash('sha256').update(owner.password).digest('hex') };
    case 'users.create':
    case 'users.register':
      return { username: `new-user-${n}` };
    case 'chat.sendMessage':
      return { message: { rid: roomId, msg: 'some text' } };
    case 'rooms.createDiscussion':
      return { prid: roomId };
    case 'rooms.export':
      return { toUsers: ['root'], messages: [messageId] };
    case 'rooms.cleanHistory':
      return { oldest: EARLIER, latest: EARLIER };
    case 'autotranslate.saveSettings':
      return { field: 'autoTranslate', value: true };
    case 'uploadImportFile':
      return { binaryContent: 'AAAA', contentType: 'text/csv', fileName: 'a.csv', importerKey: 'csv' };
    case 'downloadPublicImportFile':
      return { fileUrl: 'http://127.0.0.1:1/a.zip', importerKey: 'csv' };
    case 'startImport':
      return { input: { users: { all: true } } };
    case 'push.get':
      return { id: messageId };
    case 'push.token':
      return { type: 'gcm', appName: 'main', token: 'Ours' };
    case 'rooms.saveNotification':
      return { notifications: { desktopNotifications: 'all' } };
    case 'method.call/:method':
    case 'method.callAnon/:method':
      return { message: '{"msg":"method","id":"1","method":"public-settings/get","params":[]}' };
    default:
      return {};
  }
}

// biome-ignore lint/suspicious/noExplicitAny: bodies of any endpoint
async function made(owner: Person, path: string, input: object): Promise<any> {
  const { status, body } = await owner.post(path, input);
  if (status !== 200) throw new Error(`${path}: ${JSON.stringify(body)}`);
  return body;
}

async function roomFor(owner: Person, path: string, n: number, member: string) {
  if (/^(im|dm)\./.test(path)) return (await made(owner, 'im.create', { username: member })).room;
  const input = { name: `room-${n}`, members: [member] };
  if (path.startsWith('groups.')) return (await made(owner, 'groups.create', input)).group;
  return (await made(owner, 'channels.create', input)).channel;
}

/** What a webhook is made of, and one that there is; for what needs a history, an outgoing one that has run. */
async function webhookFor(owner: Person, path: string, roomId: string): Promise<Known> {
  const usesHistory = /istory$|replayOutgoing$/.test(path);
  const url = 'http://127.0.0.1:1/';
  const common = { name: 'hook', enabled: true, scriptEnabled: false, username: 'rocket.cat' };
  const { integration } = await made(owner, 'integrations.create', {
    ...{ ...common, channel: `#${roomId}`, type: usesHistory ? 'webhook-outgoing' : 'webhook-incoming' },
    ...(usesHistory ? { event: 'sendMessage', urls: [url] } : {}),
  });
  const id = integration._id;
  const known = { ...common, channel: '#general', event: 'sendMessage', urls: [url], integrationId: id, id };
  if (!usesHistory) return known;
  await made(owner, 'chat.sendMessage', { message: { rid: roomId, msg: 'a cause' } });
  for (;;) {
    const [entry] = (await owner.get('integrations.history', { id })).body.history;
    if (entry?.finished) return { ...known, historyId: entry._id };
  }
}

async function offeredStatus(owner: Person, n: number): Promise<Known> {
  const { customUserStatus } = await made(owner, 'custom-user-status.create', { name: `status-${n}` });
  const { _id } = customUserStatus;
  return { _id, customUserStatusId: _id, statusType: 'busy' };
}

/** What must have happened before for the endpoint to have an effect. */
async function prepare(owner: Person, path: string, known: Record<string, unknown>): Promise<void> {
  const { roomId, userId, username, roleId, tokenName } = known;
  const [family, verb = ''] = path.split('.');
  const prefix = family === 'rooms' ? 'channels' : family;
  if (/^(channels|groups|rooms)\.leave$/.test(path)) {
    await made(owner, `${prefix}.addOwner`, { roomId, userId });
  }
  if (verb === 'open') await made(owner, `${prefix}.close`, { roomId });
  if (/^remove(Owner|Moderator|Leader)$/.test(verb)) {
    await made(owner, path.replace('remove', 'add'), { roomId, userId });
  }
  if (path === 'rooms.unbanUser') await made(owner, 'rooms.banUser', { roomId, userId });
  if (path === 'push.token') await made(owner, path, { type: 'gcm', value: 'Ours', appName: 'main' });
  if (/^(teams|users\.listTeams)/.test(path)) await prepareTeam(owner, path, known);
  if (/^(remove|use|validate)Invite/.test(path)) {
    const { _id } = await made(owner, 'findOrCreateInvite', { rid: roomId, days: 1, maxUses: 0 });
    Object.assign(known, { _id, token: _id });
  }
  if (path.startsWith('moderation.')) {
    await made(owner, 'moderation.reportUser', { userId, description: 'rude' });
    await made(owner, 'chat.reportMessage', { messageId: known.msgId, description: 'rude' });
    // The author of the reported message is the owner.
    if (/eportedMessages$/.test(path)) known.userId = owner.uid;
    const { body } = await owner.get('moderation.user.reportsByUserId', { userId });
    known.reportId = body.reports[0]._id;
  }
  if (/^video-conference\.(join|cancel|info|list)/.test(path)) {
    // Only a call between two people rings, and can be cancelled.
    const { room } = await made(owner, 'im.create', { username });
    known.callId = (await made(owner, 'video-conference.start', { roomId: room._id })).data.callId;
  }
  if (path.startsWith('calendar-events.')) {
    const event = { startTime: '2030-01-01T10:00:00.000Z', subject: 'Standup', description: '' };
    const { id } = await made(owner, 'calendar-events.create', event);
    Object.assign(known, { ...event, endTime: '2030-01-01T11:00:00.000Z', date: EARLIER, id, eventId: id });
  }
  if (/^import\.|Import/.test(path)) {
    await made(owner, 'import.new', {});
    const users = [{ importIds: ['1'], emails: ['newcomer@example.com'] }];
    if (/^(import\.run|startImport|getImportFileData)$/.test(path))
      await made(owner, 'import.addUsers', { users });
  }
  if (path === 'roles.removeUserFromRole') await made(owner, 'roles.addUserToRole', { roleId, username });
  if (/^users\.re\w+PersonalAccessToken$/.test(path)) {
    await made(owner, 'users.generatePersonalAccessToken', { tokenName });
  }
}

/** A team with the victim in it, and a room that may go into it or is in it already. */
async function prepareTeam(owner: Person, path: string, known: Record<string, unknown>): Promise<void> {
  const { userId, roomId } = known;
  known.type = path === 'teams.listChildren' ? 'channels' : 0;
  if (path === 'teams.create') return;
  const { team } = await made(owner, 'teams.create', { name: `team-${roomId}`, type: 0 });
  Object.assign(known, { teamId: team._id, teamName: team.name, member: { userId }, data: { type: 0 } });
  const teamId = team._id;
  if (path !== 'teams.addMembers') {
    const roles = path === 'teams.leave' ? ['owner'] : [];
    await made(owner, 'teams.addMembers', { teamId, members: [{ userId, roles }] });
  }
  if (/Room/.test(path) && path !== 'teams.addRooms')
    await made(owner, 'teams.addRooms', { teamId, rooms: [roomId] });
  known.rooms = [roomId];
}
