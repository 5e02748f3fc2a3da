/**
 * The team's tables as conditions see them. A `Catalogue` is what a config file becomes after it was resolved against the
 * live database (catalogue/resolve-catalogue.ts): every table exists, every field has a type, every relation leads to a contact.
 * Pure data: no code here reads Postgres.
 */
import type { Reading } from './text-reading.ts';

/** What a field's values are, whatever Postgres calls them. `json` and `other` know only `is_empty` and `== null`. */
export type Family = 'text' | 'number' | 'boolean' | 'date' | 'instant' | 'uuid' | 'json' | 'other';

export interface Table {
  readonly schema: string;
  readonly name: string;
}

/** What people read of contacts or a relation. No verdict depends on it, and no fingerprint holds it. */
export interface About {
  /** Unique among its kind. */
  readonly label: string;
  /** The table's or the column's comment, where it is not the label. */
  readonly description?: string;
}

/** What people read of a field. The label is unique among the fields of one table. */
export interface FieldAbout extends About {
  /** The column may hold NULL, or the field is a path into jsonb. */
  readonly nullable: boolean;
  /** Values that name a person or lead to one, or a secret: pages mask them, and no list of known values has them. */
  readonly personal: boolean;
  /** Words for values, by the value's text. */
  readonly values?: Readonly<Record<string, string>>;
}

/** A column that pages show of a contact. */
export interface DisplayColumn {
  /** Name of a field of the contact. */
  readonly field: string;
  readonly masked: boolean;
}

export interface Field {
  /** Name in conditions. */
  readonly name: string;
  /** `contact`, or the name of the relation whose rows carry it. */
  readonly owner: string;
  /** Exact name of the column that holds it. */
  readonly column: string;
  /** Keys into a jsonb column; absent for a plain column. */
  readonly path?: readonly string[];
  /** How text is read as `family`: of a text column, or of text inside jsonb that has a format of its own. Text that it cannot read is missing. */
  readonly reading?: Reading;
  /** The column is text, and what stands between these separators are the elements of the array. */
  readonly split?: string;
  /** Of the value, or of the elements when `array`. */
  readonly family: Family;
  readonly array: boolean;
  /**
   * Postgres type of the *column*, as `format_type` prints it (`integer`, `character varying(20)`, `public.mood`,
   * `timestamp without time zone`, `text[]`). A jsonb path has the column's `jsonb`, and text that is read as another
   * type the column's own; the declared type is `family` (plus `integer`).
   */
  readonly sqlType: string;
  /** True for int2, int4, int8 and for a jsonb path declared `integer`: literals fold to integer bounds. */
  readonly integer: boolean;
  /** True for enum, char(n), domain …: types whose comparison must go through `::text`. */
  readonly castText: boolean;
  /** Schema of the type where the column, or its elements, are citext: their operators stand there. `sqlType` names the type. */
  readonly citext?: string;
  /** True for an array of a domain: it must be cast to the array that `sqlType` says before it is compared. */
  readonly castArray?: true;
  /** True when the column's collation is nondeterministic: equality must add `collate "C"`. */
  readonly collate: boolean;
  /** Labels of an enum, in its order; absent otherwise. */
  readonly labels?: readonly string[];
  /** What else Postgres says of the column that a verdict may depend on: opaque texts that change when the fact does. */
  readonly facts?: { readonly collation?: string; readonly expression?: string };
  /** Absent where a catalogue was made without tables: then people read the name. */
  readonly about?: FieldAbout;
  /** Only in a condition: the field is read of a row around the one in scope (condition/around-field.ts). */
  readonly around?: Around;
}

/** The contact, or the row of the enclosing relation. */
export type Around = 'contact' | 'outer';

/**
 * How rows of a relation find their contact: by a column of their own that equals the contact's key, or through a row of another
 * relation, or through the contact's own row (`CONTACT`), whose column refers to them.
 */
export type Link =
  | { readonly kind: 'contact'; readonly column: string; readonly sqlType: string }
  | {
      readonly kind: 'through';
      /** Name of the relation in the middle, itself of either kind (hops may be chained), or `CONTACT`. */
      readonly relation: string;
      /** This table's column. */
      readonly column: string;
      readonly sqlType: string;
      /** Column of the middle table that it equals. */
      readonly target: string;
      /** True when no two rows of the middle lead from one row of this table to one contact, as unique indexes say. */
      readonly single?: true;
      /** Schema of citext, where both columns are of it and are compared by its equality. */
      readonly citext?: string;
      /** The same column of the same table also equals the key of contacts, for another relation or for the contacts themselves. */
      readonly shared?: true;
    };

/** Capture triggers run once a statement or once a row (capture/trigger/operation.ts). */
export type CaptureKind = 'statement' | 'row';

export interface Relation {
  readonly name: string;
  readonly table: Table;
  readonly link: Link;
  /** True when no two rows have the same value in the link's column, as unique indexes say. */
  readonly unique?: true;
  /** Its fields are values of the contact, and conditions ask for no rows of it. */
  readonly valuesOnly?: true;
  /** Which rows of the table count, in the condition language (raw JSON); absent: all. It reads columns of the row alone. */
  readonly where?: unknown;
  /** Name of the default time field: order of `first` and `last`. */
  readonly time?: string;
  /** Names of the fields that identify a row and have one order everywhere: `newest` and `oldest` break ties by them. */
  readonly key?: readonly string[];
  readonly fields: ReadonlyMap<string, Field>;
  readonly about?: About;
  /** The kind of capture triggers that the config asks for; absent: `auto`. */
  readonly capture?: CaptureKind;
}

/** The relation whose row holds the ranks of a contact: `ranks.monetary` is a field of the contact. */
export const RANKS = 'ranks';

/** A rank as the config defines it. Its expressions are checked where they are used (condition/check/check-rank.ts). */
export interface Rank {
  readonly name: string;
  /** The value that contacts are ordered by (raw JSON). */
  readonly by: unknown;
  /** Number of equal parts, 2 or more; absent: the rank is the position. */
  readonly into?: number;
  /** Milliseconds between two computations. */
  readonly every: number;
  /** Who has a rank (raw JSON); absent: every contact. */
  readonly among?: unknown;
}

/** The contact's own row where it stands on the way of a relation. No relation may have this name. */
export const CONTACT = 'contact';

export type KeyType = 'integer' | 'bigint' | 'uuid' | 'text';

export interface Catalogue {
  readonly contacts: {
    readonly table: Table;
    readonly key: {
      readonly column: string;
      readonly type: KeyType;
      readonly sqlType: string;
      /** Of a text key whose column is not in the database's default collation. */
      readonly collation?: { readonly schema: string; readonly name: string };
    };
    /** Name of the field that says since when a contact exists (`known_for`). */
    readonly created?: string;
    readonly fields: ReadonlyMap<string, Field>;
    /** Base filter in the condition language (raw JSON), and-ed into every segment. */
    readonly where?: unknown;
    readonly about?: About;
    /** What pages show of a contact, in this order. */
    readonly display?: readonly DisplayColumn[];
    /** As of a relation. */
    readonly capture?: CaptureKind;
  };
  readonly relations: ReadonlyMap<string, Relation>;
  /** By name; absent when the config has none. The relation `RANKS` holds their values. */
  readonly ranks?: ReadonlyMap<string, Rank>;
  /** Relations that are left out for a reason that will pass, by name: the message of a condition that uses one. */
  readonly withheld?: ReadonlyMap<string, string>;
  /** Default zone of segments, an IANA name. */
  readonly timezone: string;
  /** Zone in which `timestamp` without zone columns are read. */
  readonly timestamps: string;
  /** Collation for case folding: `und-x-icu` where the server has ICU, else absent (the database's default). */
  readonly foldCollation?: string;
  /** What the collation for case folding is: an opaque text that changes when its definition or version does. */
  readonly foldFacts?: string;
  /** `server_version_num` of Postgres. */
  readonly server?: string;
  /** Number of the publication (table `catalogue`) that it comes from; absent for one that was made of a config alone. */
  readonly publication?: number;
}

/**
 * A source is what capture triggers report: one (table, link column) pair. Relations that read the same table by the
 * same link share it, whichever way they lead on. Where the link is the key of contacts for one and leads on for another, these are two
 * sources. The contacts table itself is one.
 */
export function sourceKey(table: Table, linkColumn: string): string {
  return `${table.schema}.${table.name}(${linkColumn})`;
}

export function relationSource({ table, link }: Relation): string {
  const key = sourceKey(table, link.column);
  return link.kind === 'through' && link.shared ? `${key} through` : key;
}

export function contactSource(catalogue: Catalogue): string {
  return sourceKey(catalogue.contacts.table, catalogue.contacts.key.column);
}

/** The relation of that name, or the contact's own row as one: its rows lead to the contact by its key. */
export function hopNamed(catalogue: Catalogue, name: string): Relation | undefined {
  if (name !== CONTACT) return catalogue.relations.get(name);
  const { table, key, fields } = catalogue.contacts;
  return { name, table, link: { kind: 'contact', column: key.column, sqlType: key.sqlType }, fields };
}

/** The source of a hop, which for the contact's own row is that of the contacts. */
export function hopSource(catalogue: Catalogue, hop: Relation): string {
  return hop.name === CONTACT ? contactSource(catalogue) : relationSource(hop);
}

/**
 * The relation and those it goes through, nearest to the contact last. `items → orders` gives `[items, orders]`; where the contact
 * refers to the last one, its own row stands behind it: `[company, contact]`.
 */
export function relationPath(catalogue: Catalogue, name: string): readonly Relation[] {
  const path: Relation[] = [];
  for (let next: string | undefined = name; next !== undefined;) {
    const relation = hopNamed(catalogue, next);
    if (!relation) throw new Error(`relation ${next} is not in the catalogue`);
    path.push(relation);
    next = relation.link.kind === 'through' ? relation.link.relation : undefined;
  }
  return path;
}
