import { findUserById, findUsers, loadUserByUsername } from '../../accounts/find-users.ts';
import type { User } from '../../accounts/user.ts';
import type { Context, WriteScope } from '../../context.ts';
import type { Caller } from '../../kernel/caller.ts';
import { fail, forbid, Refusal, refuse } from '../../kernel/errors.ts';
import { newId } from '../../kernel/ids.ts';
import { isUniqueViolation } from '../../storage/errors.ts';
import type { TeamRow } from '../../storage/schema.ts';
import { hasInRoom } from '../access.ts';
import { addToRoom } from '../add-to-room.ts';
import { roomDraft, storeRoom } from '../create-room.ts';
import type { Room } from '../room.ts';
import { refuseHugeDetails } from '../room-limits.ts';
import { refuseTakenHandle, validRoomName } from '../room-name.ts';
import { roomById, roomByName } from '../rooms.store.ts';
import { applyRoomSettings, checkRoomSettings } from '../save-room-settings.ts';
import { insertTeam } from '../teams.store.ts';
import { callerRef, userRef } from '../user-ref.ts';
import { enlist, isTeamNameTaken, makeMainRoom, newTeam } from './found-team.ts';

export interface NewTeam {
  name: string;
  isPrivate: boolean;
  /** Ids or usernames; unknown and inactive ones are skipped. */
  members?: readonly string[] | undefined;
  /** Id of the owner; default: the caller. */
  owner?: string | undefined;
  room?: MainRoomWish | undefined;
}

export interface MainRoomWish {
  /** An existing room becomes the main one. */
  id?: string | undefined;
  readOnly?: boolean | undefined;
  topic?: string | undefined;
  extraData?: Record<string, unknown> | undefined;
}

/**
 * Founds a team with a new main room, or around an existing one (spec 11 §8 `create`). The caller holds `create-team`.
 *
 * @throws 403 without `edit-room` in the existing room, and plain: team-name-already-exists, room-name-already-exists,
 * invalid-user, error-team-creation
 */
export async function createTeam(ctx: Context, caller: Caller, wish: NewTeam): Promise<TeamRow> {
  const rid = wish.room?.id;
  if (rid !== undefined && !(await hasInRoom(ctx, caller, 'edit-room', rid))) forbid();
  const name = wish.name.trim();
  if (await isTeamNameTaken(ctx, name)) refuse('team-name-already-exists');
  const namesake = await roomByName(ctx.db, name);
  if (namesake && namesake.id !== rid) refuse('room-name-already-exists');
  const owner = await findUserById(ctx, wish.owner ?? caller.uid);
  if (!owner?.username || !owner.active) refuse('invalid-user');
  const members = await membersOf(ctx, wish.members ?? []);
  const people = { owner, members: members.filter((member) => member._id !== owner._id) };
  try {
    const main = rid === undefined ? undefined : await roomToConvert(ctx, caller, rid, wish);
    return await ctx.write((tx, emit) =>
      main
        ? convert(ctx, { tx, emit }, caller, { ...wish, name }, main, people)
        : found(ctx, { tx, emit }, caller, { ...wish, name }, people),
    );
  } catch (error) {
    // Two of one name at the same moment: the unique index decides.
    if (isUniqueViolation(error)) refuse('team-name-already-exists');
    // Whatever is wrong with the name or the room has this one answer (spec 11 §8).
    if (error instanceof Refusal) refuse('error-team-creation');
    throw error;
  }
}

interface People {
  owner: User;
  members: readonly User[];
}

async function membersOf(ctx: Context, idsOrNames: readonly string[]): Promise<User[]> {
  if (idsOrNames.length === 0) return [];
  const found = [
    ...(await findUsers(ctx, { ids: idsOrNames })),
    ...(await findUsers(ctx, { usernames: idsOrNames })),
  ];
  const usable = found.filter((user) => user.active && user.username);
  return [...new Map(usable.map((user) => [user._id, user])).values()];
}

/** The main room has the name and the type of its team: an existing one gets them, by the rules of its settings. */
const settingsOf = (wish: NewTeam) => ({ roomName: wish.name, roomType: wish.isPrivate ? 'p' : 'c' });

async function roomToConvert(ctx: Context, caller: Caller, rid: string, wish: NewTeam): Promise<Room> {
  const room = await roomById(ctx.db, rid);
  if (!room || room.type === 'd' || room.parentId !== null || room.teamId !== null)
    fail('error-invalid-room', 'Invalid room');
  await checkRoomSettings(ctx, caller, room, settingsOf(wish));
  return room;
}

async function convert(
  ctx: Context,
  scope: WriteScope,
  caller: Caller,
  wish: NewTeam,
  main: Room,
  { owner, members }: People,
): Promise<TeamRow> {
  const { tx, emit } = scope;
  await applyRoomSettings(ctx, scope, caller, main.id, settingsOf(wish));
  for (const user of members) {
    await addToRoom(ctx, tx, emit, main.id, user, { silent: true, skipBanned: true });
  }
  return makeMainRoom(ctx, scope, caller, main.id, owner);
}

async function found(
  ctx: Context,
  scope: WriteScope,
  caller: Caller,
  wish: NewTeam,
  { owner, members }: People,
): Promise<TeamRow> {
  const { tx, emit } = scope;
  const { readOnly, topic, extraData } = wish.room ?? {};
  const type = wish.isPrivate ? 'p' : 'c';
  const slug = await validRoomName(ctx, tx, wish.name);
  await refuseTakenHandle(ctx, tx, slug, {
    isUsername: async (username) => (await loadUserByUsername(tx, username)) !== undefined,
    ownTeamId: null,
  });
  const extra = topic === undefined ? extraData : { ...extraData, topic };
  const draft = roomDraft(ctx, caller, { type, name: wish.name, readOnly, extraData: extra }, undefined);
  if (typeof extra?.description === 'string') draft.details.description = extra.description;
  draft.details.u = owner._id === caller.uid ? callerRef(caller) : userRef(owner);
  refuseHugeDetails(draft.details);
  const id = newId();
  const team = newTeam(ctx, caller, { name: slug, isPrivate: wish.isPrivate, roomId: id });
  await insertTeam(tx, team);
  await storeRoom(
    ctx,
    tx,
    emit,
    { uid: owner._id },
    {
      ...draft,
      id,
      slug,
      displayName: wish.name,
      members: [owner, ...members],
      owned: true,
      team,
      isTeamMain: true,
    },
  );
  await enlist(ctx, scope, caller, team);
  return team;
}
