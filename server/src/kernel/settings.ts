/** Workspace settings as operations see them: always in memory, read by id (spec 22, "Settings"). */
export interface Settings {
  /** The current value; undefined for an unknown id. */
  value(id: string): unknown;
  bool(id: string): boolean;
  /** The number, or 0 where the value is not one. */
  int(id: string): number;
  /** The text, or '' where the value is not one. */
  text(id: string): string;
  /** A multi-select's members, or [] . */
  list(id: string): readonly string[];
}

export function settingsOver(value: (id: string) => unknown): Settings {
  return {
    value,
    bool: (id) => value(id) === true,
    int(id) {
      const number = Number(value(id));
      return Number.isFinite(number) ? number : 0;
    },
    text(id) {
      const text = value(id);
      return typeof text === 'string' ? text : '';
    },
    list(id) {
      const list = value(id);
      return Array.isArray(list) ? list : [];
    },
  };
}
