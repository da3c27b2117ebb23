import { type Static, type TProperties, Type } from 'typebox';
import { strict } from '../../rest/schemas.ts';

/** `teamId` or `teamName`, never both, with the given other members (spec 11 §8). */
export function teamIdOrName<P extends TProperties = Record<never, never>>(others: P = {} as P) {
  const byId = strict({ teamId: Type.String(), ...others });
  const byName = strict({ teamName: Type.String(), ...others });
  type Given = Static<ReturnType<typeof strict<P>>>;
  return Type.Unsafe<Given & { teamId?: string; teamName?: string }>({ oneOf: [byId, byName] });
}

/** 0 is public, 1 is private. */
export const teamType = Type.Unsafe<0 | 1>({ type: 'integer', enum: [0, 1] });

/** Rooms by their ids; at least one. */
export const roomIds = Type.Array(Type.String(), { minItems: 1, maxItems: 1000 });
