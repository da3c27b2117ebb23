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
    createdBy: JSON.parse(team.created_by) as WireTeam['createdBy'],
    _updatedAt: new Date(team.updated_at),
  };
}
