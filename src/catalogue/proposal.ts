/**
 * What `segmentd init` proposes, as data: the contacts, relations with their reasons, and what it leaves out. proposal-text.ts writes it as a
 * config file; a program reads it as JSON. A relation says the direction of its link, so that it can be written in another form of the config.
 */
import type { DisplayColumn } from './catalogue.ts';
import type { DeletedMark } from './guess-time.ts';
import type { Omission } from './table-link.ts';

export interface ProposedRelation {
  readonly name: string;
  /** As in SQL. */
  readonly table: string;
  /** False: it stands in the file as a comment. */
  readonly active: boolean;
  /** Why it is not active. */
  readonly reason?: string;
  /** `in`: its rows refer to the row before; `out`: the row before refers to them. The row before is the contact, or one of `through`. */
  readonly direction: 'in' | 'out';
  /** Column with the contact's key, for rows that refer to the contact by its key. */
  readonly contact?: string;
  /** The relation before; absent: the contact. */
  readonly through?: string;
  /** The column that equals one of the row before. */
  readonly on?: { readonly column: string; readonly target: string };
  readonly time?: string;
  /** Column that marks a row as deleted, and the `where` that leaves such rows out; a note in the file. */
  readonly deleted?: DeletedMark;
  /** Columns that stay out of conditions. */
  readonly exclude: readonly string[];
  /** As Postgres estimates; null when it does not know. */
  readonly rows: number | null;
  /** No foreign key declares the link. */
  readonly guess: boolean;
  /** What a person should check of the link. */
  readonly note?: string;
  /** `table (column)` of each index that the relation needs and the database lacks. */
  readonly indexes: readonly string[];
}

export interface Proposal {
  readonly contacts: {
    readonly table: string;
    readonly key: string;
    readonly created?: string;
    /** Column that marks a contact as deleted, and the base filter that leaves such contacts out; a comment in the file. */
    readonly deleted?: DeletedMark;
    /** What pages show of a contact; masked where the name of the column looks personal. */
    readonly display: readonly DisplayColumn[];
    readonly exclude: readonly string[];
    readonly rows: number | null;
    /** A jsonb column, for an example of a path. */
    readonly json?: string;
    /** Other tables that could be the contacts; empty when the table was named. */
    readonly others: readonly string[];
  };
  /** In the order of the file, the active ones first. */
  readonly relations: readonly ProposedRelation[];
  readonly omissions: readonly Omission[];
}

/** Relations that are active at most. */
export const MOST_ACTIVE = 20;
/** Indexes that the active relations may need beside those that exist. */
export const MOST_NEW_INDEXES = 10;
/** Relations that stand in the file at most, comments among them. */
export const MOST_PROPOSED = 60;
