/**
 * The answer to "why": a tree of results, what is stored, what waits, what comes next. It holds the team's values, so no
 * part of it may be logged. Types only.
 */
import type { Family } from '../catalogue/catalogue.ts';
import type { Issue } from '../condition/issue.ts';
import type { Reason } from '../membership/reason.ts';
import type { StaleReference } from '../segment/stale-reference.ts';

/** The override of the contact in the segment. It counts more than the condition. All instants are ISO 8601, UTC. */
export interface ExplainedOverride {
  readonly kind: 'member' | 'include' | 'exclude';
  readonly note: string | null;
  /** The person who wrote it, where known; else the database role. */
  readonly createdBy: string;
  readonly databaseRole: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
}

/** A part of the condition with its result; null where the contact does not exist. */
export type ExplainedNode =
  | {
      readonly kind: 'leaf';
      /** JSON pointer into the condition of the row that it is, or is a part of; null for the base filter and overrides. */
      readonly pointer: string | null;
      readonly text: string;
      readonly result: boolean | null;
      /** The contact's value as text; null when it has none. Related rows: the aggregate, or how many rows match. */
      readonly actual: string | null;
      readonly family: Family;
      /** What the value must be, in words, the negation included: `at least 18`, `not ES`. Bounds of time are worked out. */
      readonly threshold: string | null;
      /** The text says that something does not hold. */
      readonly negated: boolean;
      /** The relation whose rows it reads; null for the contact's own fields. */
      readonly relation: string | null;
      /** The value is shown masked. */
      readonly masked: boolean;
    }
  | {
      /** `choice`: tests and answers in turns; the first test that holds decides. */
      readonly kind: 'all' | 'any' | 'not' | 'choice';
      readonly pointer: string | null;
      readonly result: boolean | null;
      readonly children: readonly ExplainedNode[];
    };

/** All instants are ISO 8601 with microseconds, UTC. */
export interface Explanation {
  readonly key: string;
  readonly contact: string;
  /** Instant of the verdict. */
  readonly at: string;
  readonly segment: {
    readonly state: string;
    /** The version that is explained: the live one, before the first build the wanted one. */
    readonly version: number | null;
    readonly live: boolean;
    /** Since when its members are frozen. */
    readonly frozen: string | null;
    /** Version that is being built. */
    readonly building: number | null;
    readonly timezone: string | null;
    readonly description: string | null;
    /** Why the condition does not fit the tables any more. */
    readonly issues: readonly Issue[];
    /** Segments that it reads and that stand still: the verdict uses their stored members. */
    readonly stale: readonly StaleReference[];
  };
  /** False: there is no such row in the contacts table. */
  readonly exists: boolean;
  readonly stored: {
    readonly member: boolean;
    /** When a member entered, or a contact that is no member last left; null when the log has neither. */
    readonly since: string | null;
    readonly reason: Reason | null;
    /** Version by which it entered or left. */
    readonly version: number | null;
  };
  /** Whether it matches at `at`; null when `error` is set, or there is no condition. */
  readonly computed: boolean | null;
  /** SQLSTATE with which Postgres refused to evaluate. */
  readonly error: string | null;
  readonly override: ExplainedOverride | null;
  /** The ranks that the condition reads, and the instant under which each was computed; null: not yet. */
  readonly ranks: readonly { readonly name: string; readonly asOf: string | null }[];
  readonly pending: {
    /** Changes of this contact that no recheck has consumed yet, counted up to 1,000; so are `rechecks`. */
    readonly changes: number;
    readonly rechecks: number;
    /** Related rows wait whose contacts are not known yet: this one may be among them. */
    readonly unresolved: boolean;
    /** Time has passed a boundary of this contact that was not swept yet. */
    readonly crossed: boolean;
    /** The segment is to be rebuilt. */
    readonly rebuild: boolean;
  };
  readonly condition: ExplainedNode | null;
  readonly next: {
    /** When the verdict changes by time alone; null: not up to `searched`. */
    readonly flip: string | null;
    readonly matches: boolean | null;
    /** The leaves that cause it. */
    readonly causes: readonly string[];
    /** Null: time alone can never change it; or, when `error` is set, Postgres could not evaluate. */
    readonly searched: string | null;
    readonly error: string | null;
  };
}

export interface ExplainOptions {
  /** How many days to look ahead for the next flip; default 3,660. */
  readonly days?: number;
  /** Masks the values that the catalogue masks; default no. */
  readonly masked?: boolean;
}
