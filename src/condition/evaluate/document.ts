/**
 * One contact as the evaluator receives it: the text of each column, as Postgres prints it. What a text means is decided
 * in read-value.ts. A document holds only what the condition reads; a name that is absent is a missing value. Types only.
 */

/**
 * The text of one column: of a plain column its `::text`; of an array column the text of each element (of text that is split, the whole text); of a jsonb path
 * (and of a whole `json` column) the text of the jsonb value, `"pro"` with its quotes. `null` is a missing value. Instants
 * are printed with `DateStyle` ISO, in any zone.
 */
export type DocumentValue = string | null | readonly (string | null)[];

/** A row of a relation. A row from which several ways lead to the contact stands once for each way. */
export interface DocumentRow {
  /** By the name that conditions use. */
  readonly fields: Readonly<Record<string, DocumentValue>>;
  /** For a relation through others: the columns of the rows in between, by relation. */
  readonly middle?: Readonly<Record<string, Readonly<Record<string, DocumentValue>>>>;
  /** The columns of the one row of each to-one relation that belongs to this row, by relation; absent where there is no row. */
  readonly one?: Readonly<Record<string, Readonly<Record<string, DocumentValue>>>>;
  /**
   * Which row of which relation it is, then the same of the rows in between, the nearest first. Absent: no other way
   * leads from this row to the contact.
   */
  readonly identity?: readonly { readonly relation: string; readonly row: string }[];
}

/** The past of the contact's membership of one segment: instants as Postgres prints them. */
export interface MembershipPast {
  /** Since when the contact is a member without a break; null while it is none. */
  readonly since: string | null;
  /** When it entered and left, as far as the log reaches. */
  readonly entered: readonly string[];
  readonly left: readonly string[];
}

export interface ContactDocument {
  /** The contact's key as Postgres prints it. Only `bucket` reads it. */
  readonly key?: string;
  /** By the name that conditions use. */
  readonly fields: Readonly<Record<string, DocumentValue>>;
  /** As `one` of a row. */
  readonly one?: Readonly<Record<string, Readonly<Record<string, DocumentValue>>>>;
  /** Every row of the contact, by relation. */
  readonly relations: Readonly<Record<string, readonly DocumentRow[]>>;
  /** Keys of the segments that the contact is a member of. */
  readonly segments: readonly string[];
  /** Keys of the segments that were looked up; absent: all of them. */
  readonly segmentsRead?: readonly string[];
  /** The past of memberships that were looked up, by the key of the segment. */
  readonly pasts?: Readonly<Record<string, MembershipPast>>;
}
