/**
 * What the config file says, as types, and the words that it may use. Its shape is checked in check-config.ts, and what it names is looked
 * up in the database in resolve-catalogue.ts.
 */
import type { RankConfig } from './rank-config.ts';

/** Types that a path into jsonb may be declared as. */
export const PATH_TYPES = [
  'text',
  'number',
  'integer',
  'boolean',
  'date',
  'instant',
  'uuid',
  'json',
  'text[]',
  'number[]',
] as const;
export type PathType = (typeof PATH_TYPES)[number];

const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** A name that conditions may use: not empty, no NUL, nothing that JavaScript objects inherit. */
export function isFieldName(name: string): boolean {
  return name !== '' && name.length <= 200 && !name.includes('\0') && !FORBIDDEN.has(name);
}

/** What the config may say about capture triggers (capture/choose-kind.ts). */
export const CAPTURE_SETTINGS = ['auto', 'row', 'statement'] as const;
export type CaptureSetting = (typeof CAPTURE_SETTINGS)[number];

/** How pages show the values of a column. */
export const VISIBILITIES = ['plain', 'masked'] as const;
type Visibility = (typeof VISIBILITIES)[number];

/** A field under another name than its column's, a value inside jsonb, or text that is read as another type. */
interface FieldOf<Step> {
  /** What people read in place of the name. */
  readonly label?: string | undefined;
  /** What people read in place of a value. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly column?: string | undefined;
  readonly path?: readonly Step[] | undefined;
  readonly type?: PathType | undefined;
  /** How a date or an instant is written in text. */
  readonly format?: string | undefined;
  /** What stands between the elements of a text column. */
  readonly split?: string | undefined;
}
export interface HolderOf<Step> {
  readonly exclude?: readonly string[] | undefined;
  readonly fields?: Readonly<Record<string, FieldOf<Step>>> | undefined;
}
/** A column that pages show: its name, or its name and whether its values are masked. */
export type DisplayConfig = string | Readonly<Record<string, Visibility>>;
interface ContactsOf<Step> extends HolderOf<Step> {
  readonly table: string;
  readonly label?: string | undefined;
  readonly display?: readonly DisplayConfig[] | undefined;
  readonly key?: string | undefined;
  readonly created?: string | undefined;
  /** A condition, which is checked where it is used. */
  readonly where?: unknown;
  readonly capture?: CaptureSetting | undefined;
}
interface RelationOf<Step> extends HolderOf<Step> {
  readonly table: string;
  readonly label?: string | undefined;
  readonly contact?: string | undefined;
  readonly through?: string | undefined;
  readonly on?: Readonly<Record<string, string>> | undefined;
  /** A condition on the row's own columns, which is checked where it is used. */
  readonly where?: unknown;
  readonly time?: string | undefined;
  readonly capture?: CaptureSetting | undefined;
}
interface ConfigOf<Step> {
  readonly contacts: ContactsOf<Step>;
  readonly fields?: Readonly<Record<string, FieldOf<Step>>> | undefined;
  readonly relations?: Readonly<Record<string, RelationOf<Step>>> | undefined;
  readonly ranks?: Readonly<Record<string, RankConfig>> | undefined;
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
}

/** A config as it is written: what has a default may be left out. */
export interface ConfigInput extends ConfigOf<string | number> {
  readonly timezone?: string | undefined;
  readonly timestamps?: string | undefined;
}
/** What the parts work with: every default is filled in. */
export interface Config extends ConfigOf<string> {
  readonly timezone: string;
  readonly timestamps: string;
}
export type FieldConfig = FieldOf<string>;
export type RelationConfig = RelationOf<string>;

/** The column of an entry under `display`. */
export function displayName(entry: DisplayConfig): string {
  return typeof entry === 'string' ? entry : (Object.keys(entry)[0] ?? '');
}
