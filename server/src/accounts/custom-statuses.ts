import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, refuse } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import type { Db } from '../storage/database.ts';
import {
  type CustomStatusRow,
  customStatusById,
  customStatusPage,
  deleteCustomStatus,
  saveCustomStatus,
} from './custom-statuses.store.ts';
import { PRESENCE_STATUSES } from './user.ts';

/** A status that the workspace offers, as clients see it (spec 23, "Custom user status"). */
export interface CustomStatus {
  _id: string;
  name: string;
  statusType: string;
  _updatedAt: Date;
}

const DETAILS = { method: 'insertOrUpdateUserStatus' };
const NOT_IN_NAMES = /[,:><&"'/\\()]/;
const MAX_NAME = 120;

const present = ({ id, name, status_type, updated_at }: CustomStatusRow): CustomStatus => ({
  _id: id,
  name,
  statusType: status_type,
  _updatedAt: new Date(updated_at),
});

function requireMayManage(ctx: Context, caller: Caller): void {
  if (!ctx.permissions.has(caller, 'manage-user-status')) fail('not_authorized');
}

export async function listCustomStatuses(
  ctx: Context,
  filter: { id?: string | undefined; name?: string | undefined },
  page: { offset: number; count: number; direction?: 'asc' | 'desc' },
): Promise<{ statuses: CustomStatus[]; total: number }> {
  const { rows, total } = await customStatusPage(ctx.db, filter, { direction: 'asc', ...page });
  return { statuses: rows.map(present), total };
}

/**
 * Makes a status, or changes the one with this id.
 *
 * @throws not_authorized, the text for an unknown id (plain), error-the-field-is-required, error-input-is-not-a-valid-field,
 *   Custom_User_Status_Error_Name_Already_In_Use
 */
export async function saveStatus(
  ctx: Context,
  caller: Caller,
  given: { id?: string; name: string; statusType?: string | undefined },
): Promise<CustomStatus> {
  requireMayManage(ctx, caller);
  await refuseUnknown(ctx.db, given.id);
  const name = given.name.trim();
  if (!name) fail('error-the-field-is-required', 'The field Name is required', { ...DETAILS, field: 'Name' });
  if (NOT_IN_NAMES.test(name) || name.length > MAX_NAME) invalid(`${name} is not a valid name`, name, 'Name');
  const statusType = given.statusType || 'online';
  if (!PRESENCE_STATUSES.some((status) => status === statusType)) {
    invalid(`${statusType} is not a valid status type`, statusType, 'StatusType');
  }
  return ctx.write(async (tx, emit) => {
    await refuseUnknown(tx, given.id);
    const row = {
      id: given.id ?? newId(),
      name,
      status_type: statusType,
      updated_at: ctx.clock.stamp(),
    };
    if (!(await saveCustomStatus(tx, row))) {
      fail(
        'Custom_User_Status_Error_Name_Already_In_Use',
        'The custom user status name is already in use',
        DETAILS,
      );
    }
    emit('customStatus.changed', { action: 'updated', status: present(row) });
    return present(row);
  });
}

function invalid(reason: string, input: string, field: string): never {
  fail('error-input-is-not-a-valid-field', reason, { ...DETAILS, input, field });
}

/** @throws not_authorized, Custom_User_Status_Error_Invalid_User_Status */
export async function removeStatus(ctx: Context, caller: Caller, id: string): Promise<void> {
  requireMayManage(ctx, caller);
  await ctx.write(async (tx, emit) => {
    const row = await customStatusById(tx, id);
    if (!row || !(await deleteCustomStatus(tx, id))) {
      fail('Custom_User_Status_Error_Invalid_User_Status', 'Invalid user status', {
        method: 'deleteCustomUserStatus',
      });
    }
    emit('customStatus.changed', { action: 'deleted', status: present(row) });
  });
}

async function refuseUnknown(db: Db, id: string | undefined): Promise<void> {
  if (id === undefined || (await customStatusById(db, id))) return;
  refuse(`No custom user status found with the id of "${id}".`);
}
