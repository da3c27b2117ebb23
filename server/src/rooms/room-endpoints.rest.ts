import type { Endpoint } from '../rest/endpoint.ts';
import { banEndpoints } from './ban.rest.ts';
import { directEndpoints } from './direct.rest.ts';
import { directoryEndpoints } from './directory.rest.ts';
import { groupKeyEndpoints } from './group-keys.rest.ts';
import { inviteEndpoints } from './invites/invites.rest.ts';
import { leaveEndpoints } from './leave.rest.ts';
import { lifecycleEndpoints } from './lifecycle.rest.ts';
import { listEndpoints } from './lists.rest.ts';
import type { NamesOfMembers } from './member-names.ts';
import { memberSettingsEndpoints } from './member-settings.rest.ts';
import { membersByRoleEndpoints } from './members-by-role.rest.ts';
import { membershipEndpoints } from './membership.rest.ts';
import { roomPickerEndpoints } from './room-pickers.rest.ts';
import { roomRoleEndpoints } from './room-roles.rest.ts';
import { roomSettingsEndpoints } from './room-settings.rest.ts';
import { roomEndpoints } from './rooms.rest.ts';
import { subscriptionEndpoints } from './subscriptions.rest.ts';
import { teamEndpoints } from './teams/teams.rest.ts';

/** Every REST endpoint of rooms and memberships. */
export const allRoomEndpoints = (memberNames: NamesOfMembers): Endpoint[] => [
  ...leaveEndpoints(memberNames),
  ...membershipEndpoints,
  ...lifecycleEndpoints,
  ...listEndpoints,
  ...roomRoleEndpoints,
  ...roomSettingsEndpoints,
  ...roomEndpoints,
  ...roomPickerEndpoints,
  ...subscriptionEndpoints,
  ...directEndpoints,
  ...directoryEndpoints,
  ...memberSettingsEndpoints,
  ...banEndpoints,
  ...membersByRoleEndpoints,
  ...groupKeyEndpoints,
  ...teamEndpoints,
  ...inviteEndpoints,
];
