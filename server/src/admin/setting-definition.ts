export type SettingType =
  | 'boolean'
  | 'string'
  | 'int'
  | 'range'
  | 'select'
  | 'multiSelect'
  | 'code'
  | 'password'
  | 'asset'
  | 'action'
  | 'language'
  | 'timezone'
  | 'relativeUrl'
  | 'lookup'
  | 'timespan';

/** Value of an `Assets_*` setting: `url` is there only when somebody uploaded a file (spec 23, "Assets"). */
export interface AssetValue {
  readonly url?: string;
  readonly defaultUrl: string;
}

export type SettingValue = boolean | number | string | readonly string[] | AssetValue;

/** One line of the settings table: what a release knows about a setting. Current values are in `admin-state.ts`. */
export interface SettingDefinition {
  readonly id: string;
  readonly type: SettingType;
  /** The default. */
  readonly value: SettingValue;
  /** Clients may read it before they log in. */
  readonly public?: true;
  /** In no list, and not changed from outside. */
  readonly hidden?: true;
  /** A credential. */
  readonly secret?: true;
  /** The choices of `select` and `multiSelect`. */
  readonly values?: readonly string[];
  /** Other values than `values` are possible too (for example uploaded sounds). */
  readonly openValues?: true;
  /** A non-empty text must be JSON. */
  readonly json?: true;
  /** Gets a random value when the workspace is created. */
  readonly random?: true;
  readonly min?: number;
  readonly max?: number;
  /** Asked for by the setup wizard. */
  readonly wizard?: { readonly step: number; readonly order: number };
}

export interface SettingGroup {
  /** Id of the group document. */
  readonly group: string;
  readonly settings: readonly SettingDefinition[];
}

/** A definition with its place in the table. */
export interface Setting extends SettingDefinition {
  /** Absent for settings of the server itself, which are hidden. */
  readonly group: string | undefined;
  /** Position inside the group. */
  readonly sorter: number;
}
