import { refuse } from '../kernel/errors.ts';

/** Real names end up in HTML of old clients and in file names (spec 21, "Validation rules"). */
export function refuseUnsafeName(name: string): void {
  if (!isSafeName(name)) refuse('Name contains invalid characters');
}

export function isSafeName(name: string): boolean {
  try {
    return !/[<>\\/]/.test(name) && !/[<>\\/]/.test(decodeURIComponent(name));
  } catch {
    return false;
  }
}
