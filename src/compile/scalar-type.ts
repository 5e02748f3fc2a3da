/** What a typed value is in SQL: its Postgres type, its expression, and what a leaf may do with it. Types only. */
import type { Fragment } from './fragment.ts';

/** `integer` compares with int8 whatever its width. `timestamp` is without zone, read in the catalogue's zone. */
export type ScalarType =
  | 'text'
  | 'integer'
  | 'numeric'
  | 'float4'
  | 'float8'
  | 'boolean'
  | 'date'
  | 'timestamptz'
  | 'timestamp'
  | 'uuid'
  | 'jsonb'
  | 'json'
  | 'opaque';

export interface Citext {
  readonly schema: string;
  /** Its name with its schema, for parameters. */
  readonly type: string;
}

export interface Scalar {
  readonly type: ScalarType;
  /** The value; NULL when missing. */
  readonly value: Fragment;
  /** Set for a value of citext, which compares by the operators of its schema. */
  readonly citext?: Citext;
  /** For positive leaves: what an index can be built on, exact only together with `guard`. */
  readonly bare?: Fragment;
  readonly guard?: Fragment;
  /** False for `count` and `sum`, which are never missing. */
  readonly nullable: boolean;
  /** An average is `value` divided by `over`. A comparison multiplies the other side by `over` instead of dividing. */
  readonly over?: Fragment;
  /** A number without a precision: it may have 131,072 digits, and a sum of two such numbers raises an error. */
  readonly vast?: true;
  /** A plain column of the row: what is computed of it can be computed with the row. */
  readonly column?: true;
  /** An aggregate or subquery: expensive, so a leaf mentions it once. It has no index to use and is never NaN. */
  readonly computed?: true;
}
