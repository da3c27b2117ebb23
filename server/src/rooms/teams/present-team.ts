import { parseDoc } from '../../storage/json.ts';
import type { TeamRow } from '../../storage/schema.ts';

/** A team as clients see it (spec 11 §1.3). */
export interface WireTeam {
  _id: string;
  name: string;
  type: number;
  roomId: string;
  createdAt: Date;
  createdBy: { _id: string; username: string };
  _updatedAt: Date;
}

export function presentTeam(team: TeamRow): WireTeam {
  return {
    _id: team.id,
    name: team.name,
    type: team.type,
    roomId: team.room_id,
    createdAt: new Date(team.created_at),
    createdBy: parseDoc<WireTeam['createdBy']>(team.created_by),
    _updatedAt: new Date(team.updated_at),
  };
}

export interface WireTeamMember {
  user: { _id: string; username: string; name?: string; status: string; settings: Record<string, never> };
  roles?: string[];
  createdBy: { _id: string; username: string };
  createdAt: Date;
}

interface TeamMember {
  id: string;
  username: string | null;
  name: string | null;
  status: string;
  roles: string;
  created_at: number;
  created_by: string;
}

export function presentTeamMember(member: TeamMember): WireTeamMember {
  const { id, username, name, status } = member;
  const roles = parseDoc<string[]>(member.roles);
  // Whoever joined or was added is stored with the adder's name too.
  const by = parseDoc<WireTeamMember['createdBy']>(member.created_by);
  return {
    // What people prefer, their highlights above all, is nobody else's business.
    user: { _id: id, username: username ?? '', ...(name ? { name } : {}), status, settings: {} },
    ...(roles.length > 0 ? { roles } : {}),
    createdBy: { _id: by._id, username: by.username },
    createdAt: new Date(member.created_at),
  };
}
