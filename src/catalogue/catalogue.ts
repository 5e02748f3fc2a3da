/**
 * The team's tables as conditions see them. A `Catalogue` is what a config file becomes after it was resolved against the
 * live database (catalogue/resolve-catalogue.ts): every table exists, every field has a type, every relation leads to a contact.
 * Pure data: no code here reads Postgres.
 */

/** What a field's values are, whatever Postgres calls them. `json` and `other` know only `is_empty` and `== null`. */
export type Family = 'text' | 'number' | 'boolean' | 'date' | 'instant' | 'uuid' | 'json' | 'other';

export interface Table {
  readonly schema: string;
  readonly name: string;
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
  /** Of the value, or of the elements when `array`. */
  readonly family: Family;
  readonly array: boolean;
  /**
   * Postgres type of the *column*, as `format_type` prints it (`integer`, `character varying(20)`, `public.mood`,
   * `timestamp without time zone`, `text[]`). A jsonb path has the column's `jsonb`; its declared type is `family`
   * (plus `integer`).
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
}

/** How rows of a relation find their contact: by a column of their own, or through a row of another relation. */
export type Link =
  | { readonly kind: 'contact'; readonly column: string; readonly sqlType: string }
  | {
      readonly kind: 'through';
      /** Name of the relation in the middle; itself of either kind (hops may be chained). */
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
    };

export interface Relation {
  readonly name: string;
  readonly table: Table;
  readonly link: Link;
  /** Name of the default time field: order of `first` and `last`. */
  readonly time?: string;
  readonly fields: ReadonlyMap<string, Field>;
}

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
  };
  readonly relations: ReadonlyMap<string, Relation>;
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
 * same link share it. `contact` is the contacts table itself.
 */
export function sourceKey(table: Table, linkColumn: string): string {
  return `${table.schema}.${table.name}(${linkColumn})`;
}

export function relationSource(relation: Relation): string {
  return sourceKey(relation.table, relation.link.column);
}

export function contactSource(catalogue: Catalogue): string {
  return sourceKey(catalogue.contacts.table, catalogue.contacts.key.column);
}

/** The relation and those it goes through, nearest to the contact last. `items → orders` gives `[items, orders]`. */
export function relationPath(catalogue: Catalogue, name: string): readonly Relation[] {
  const path: Relation[] = [];
  for (let next: string | undefined = name; next !== undefined;) {
    const relation = catalogue.relations.get(next);
    if (!relation) throw new Error(`relation ${next} is not in the catalogue`);
    path.push(relation);
    next = relation.link.kind === 'through' ? relation.link.relation : undefined;
  }
  return path;
}
