import { sql } from 'kysely';
import { uploadFile } from '../../support/files.ts';
import type { Caller, Person, TestServer } from '../../support/server.ts';
import type { Who } from './row.ts';

export interface Places {
  callers: Record<Who, Caller>;
  /** Ids by the names that the tables use. */
  ids: Record<string, string>;
}

/** The rooms, teams and other things that the tables of refusals are about. */
export async function makePlaces(server: TestServer): Promise<Places> {
  const { admin } = server;
  const [alice, bob, mia, carol, gus, ben, ida] = await Promise.all([
    server.person('alice'),
    server.person('bob'),
    server.person('mia'),
    server.person('carol'),
    server.person('gus', { roles: ['guest'] }),
    server.person('ben'),
    server.person('ida'),
  ]);
  const people = { alice, bob, mia, carol, gus, ben, ida };
  const ids: Record<string, string> = { admin: admin.uid };
  for (const [name, { uid }] of Object.entries(people)) ids[name] = uid;

  const done = async (person: Person, path: string, params: object) => {
    const { status, body } = await person.post(path, params);
    if (status !== 200) throw new Error(`${path}: ${JSON.stringify(body)}`);
    return body;
  };
  const channel = async (name: string, members: string[] = [], more: object = {}): Promise<string> =>
    (await done(alice, 'channels.create', { name, members, ...more })).channel._id;
  const group = async (name: string, members: string[] = [], more: object = {}): Promise<string> =>
    (await done(alice, 'groups.create', { name, members, ...more })).group._id;
  const discussion = async (prid: string, title: string): Promise<string> =>
    (await done(alice, 'rooms.createDiscussion', { prid, t_name: title })).discussion.rid;
  const direct = async (usernames: string): Promise<string> =>
    (await done(alice, 'im.create', { usernames })).room._id;
  const said = async (person: Person, rid: string, msg: string): Promise<string> =>
    (await done(person, 'chat.sendMessage', { message: { rid, msg } })).message._id;

  ids.channel = await channel('channel', ['bob', 'mia', 'ben']);
  ids.group = await group('group', ['bob', 'mia', 'ben', 'gus']);
  for (const [prefix, roomId] of [
    ['channels', ids.channel],
    ['groups', ids.group],
  ] as const) {
    await done(alice, `${prefix}.addModerator`, { roomId, userId: mia.uid });
    await done(alice, `${prefix}.addLeader`, { roomId, userId: mia.uid });
    await done(alice, `${prefix}.setTopic`, { roomId, topic: 'Weather' });
    await done(alice, `${prefix}.setDescription`, { roomId, description: 'About it' });
    await done(alice, 'rooms.banUser', { roomId, userId: ben.uid });
    await done(bob, `${prefix}.close`, { roomId });
  }
  ids.empty = await channel('empty');
  ids.locked = await channel('locked');
  await done(alice, 'channels.setJoinCode', { roomId: ids.locked, joinCode: 'sesame' });
  ids.shout = await channel('shout', ['bob'], { extraData: { broadcast: true } });
  ids.whisper = await group('whisper', ['bob'], { extraData: { broadcast: true } });
  ids.mute = await channel('mute', ['bob'], { readOnly: true });

  ids.direct = await direct('bob');
  ids.trio = await direct('bob,carol');
  ids.self = await direct('alice');

  ids.talk = await discussion(ids.channel, 'Talk');
  ids.groupTalk = await discussion(ids.group, 'Group talk');
  ids.oldTalk = await discussion(ids.group, 'Old talk');
  ids.oldChannel = await channel('old-channel', ['bob']);
  ids.oldGroup = await group('old-group', ['bob']);
  await done(alice, 'channels.archive', { roomId: ids.oldChannel });
  await done(alice, 'groups.archive', { roomId: ids.oldGroup });
  await done(alice, 'groups.archive', { roomId: ids.oldTalk });

  const crew = (await done(alice, 'teams.create', { name: 'crew', type: 0, members: ['bob'] })).team;
  const cabal = (await done(alice, 'teams.create', { name: 'cabal', type: 1, members: ['bob'] })).team;
  Object.assign(ids, { crew: crew._id, crewMain: crew.roomId, cabal: cabal._id, cabalMain: cabal.roomId });
  ids.deck = await channel('deck', ['bob'], { extraData: { teamId: crew._id } });
  ids.hold = await group('hold', ['bob'], { extraData: { teamId: crew._id } });
  ids.cellar = await channel('cellar', [], { extraData: { teamId: cabal._id } });
  // Owners of a room of a team who are nothing in the team.
  ids.bobs = (await done(bob, 'channels.create', { name: 'bobs' })).channel._id;
  await done(alice, 'teams.addMembers', { teamId: crew._id, members: [{ userId: mia.uid }] });
  await done(alice, 'channels.addOwner', { roomId: ids.deck, userId: bob.uid });
  await done(alice, 'groups.addOwner', { roomId: ids.hold, userId: bob.uid });

  ids.message = await said(alice, ids.channel, 'by alice');
  ids.bobsMessage = await said(bob, ids.channel, 'by bob');
  ids.groupMessage = await said(alice, ids.group, 'in the group');
  ids.talkMessage = await said(alice, ids.talk, 'in the talk');

  const invite = async (rid: string, more: object = {}): Promise<string> =>
    (await done(alice, 'findOrCreateInvite', { rid, days: 0, maxUses: 0, ...more }))._id;
  ids.invite = await invite(ids.channel);
  ids.usedUp = await invite(ids.empty, { maxUses: 1 });
  ids.expired = await invite(ids.empty, { days: 1 });
  await done(mia, 'useInviteToken', { token: ids.usedUp });
  const { ctx } = server.server;
  await ctx.write((tx) =>
    tx
      .updateTable('invites')
      .set({ expires_at: 1 })
      .where('id', '=', ids.expired ?? '')
      .execute(),
  );

  ids.event = (
    await done(alice, 'calendar-events.create', {
      startTime: '2026-11-27T09:00:00.000Z',
      subject: 'Lunch',
      description: '',
    })
  ).id;
  const picture = { name: 'note.txt', type: 'text/plain', bytes: 'a note' };
  ids.unsentFile = (await uploadFile(server, alice, ids.channel, picture))._id;
  ids.file = (await uploadFile(server, alice, ids.channel, picture))._id;
  await done(alice, `rooms.mediaConfirm/${ids.channel}/${ids.file}`, {});

  const start = async (roomId: string): Promise<string> =>
    (await done(alice, 'video-conference.start', { roomId })).data.callId;
  await done(admin, 'settings/VideoConf_Default_Provider', { value: 'jitsi' });
  await done(admin, 'settings/Jitsi_Domain', { value: 'meet.example.com' });
  ids.call = await start(ids.channel);
  ids.groupCall = await start(ids.group);
  ids.endedCall = await start(ids.direct);
  await done(alice, 'video-conference.cancel', { callId: ids.endedCall });
  await done(admin, 'settings/VideoConf_Default_Provider', { value: '' });
  // What was said there opened it.
  await done(bob, 'im.close', { roomId: ids.direct });

  ids.nameless = 'nameless';
  await ctx.write((tx) =>
    sql`insert into users (id, type, active, roles, status, status_connection, status_default, created_at, updated_at, doc)
      values ('nameless', 'user', 1, '[]', 'offline', 'offline', 'online', 1, 1, '{}')`.execute(tx),
  );
  await done(admin, 'users.setActiveStatus', { userId: ida.uid, activeStatus: false });
  const callers = { ...people, admin, nobody: server.anonymous };
  return { callers, ids };
}
