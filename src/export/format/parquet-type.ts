/**
 * The Parquet type of a column. Keys and integers are INT64, decimals of up to 18 digits DECIMAL, other numbers DOUBLE,
 * instants microseconds in UTC, dates days. A type that Parquet does not have is text. Infinite instants and dates are
 * null.
 */
import type { ParquetWriter } from 'hyparquet-writer';
import { sql, type Fragment } from '../../compile/fragment.ts';
import type { ScalarType } from '../../compile/scalar-type.ts';
import type { OutputColumn } from '../output-column.ts';

export type Schema = ConstructorParameters<typeof ParquetWriter>[0]['schema'];
export type Cell = string | number | bigint | boolean | null;

/** How a column is declared in the file, printed by Postgres and parsed here. */
export interface ColumnType {
  readonly element: Omit<Schema[number], 'name'>;
  /** SQL that prints the value so that `parse` reads it. */
  readonly value: (of: Fragment) => Fragment;
  readonly parse: (text: string) => Cell;
}

/** Digits of a decimal that an INT64 holds. */
const MOST_DIGITS = 18;
const optional = { repetition_type: 'OPTIONAL' } as const;
export const TEXT: ColumnType = {
  element: { type: 'BYTE_ARRAY', converted_type: 'UTF8', ...optional },
  value: (of) => of,
  parse: (text) => text,
};
const INT64: ColumnType = { element: { type: 'INT64', ...optional }, value: (of) => of, parse: BigInt };
const DOUBLE: ColumnType = {
  element: { type: 'DOUBLE', ...optional },
  value: (of) => of,
  parse: (text) => (text === 'Infinity' ? Infinity : text === '-Infinity' ? -Infinity : Number(text)),
};
const BOOLEAN: ColumnType = {
  element: { type: 'BOOLEAN', ...optional },
  value: (of) => of,
  parse: (text) => text === 't',
};
const DATE: ColumnType = {
  element: { type: 'INT32', converted_type: 'DATE', ...optional },
  value: (of) => sql`case when isfinite(${of}) then (${of})::date - date '1970-01-01' end`,
  parse: Number,
};
const TIMESTAMP: ColumnType = {
  element: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MICROS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
    ...optional,
  },
  // Exact: seconds and microseconds of an instant are a decimal. The last thirty years that Postgres knows do not fit.
  value: (of) =>
    sql`case when isfinite(${of}) and ${of} < '294247-01-01' then (extract(epoch from ${of})::numeric * 1000000)::bigint end`,
  parse: BigInt,
};
/** A timestamp without a zone is no instant: it is written as the wall clock that the column holds. */
const LOCAL: ColumnType = {
  ...TIMESTAMP,
  element: { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MICROS' }, ...optional },
};

function decimal(precision: number, scale: number): ColumnType {
  return {
    element: { type: 'INT64', converted_type: 'DECIMAL', precision, scale, ...optional },
    // NaN, which a decimal column may hold, has no place in a decimal of Parquet.
    value: (of) => sql`nullif(${of}, 'NaN')`,
    parse: (text) => unscaled(text, scale),
  };
}

/** `-12.5` with scale 2 → -1250n. */
function unscaled(text: string, scale: number): bigint {
  const negative = text.startsWith('-');
  const [whole = '0', fraction = ''] = (negative ? text.slice(1) : text).split('.');
  const digits = BigInt(whole + fraction.padEnd(scale, '0'));
  return negative ? -digits : digits;
}

const TYPE_OF = {
  integer: INT64,
  // Of a declared precision it may be a decimal: see `columnTypeOf`.
  numeric: DOUBLE,
  float4: DOUBLE,
  float8: DOUBLE,
  boolean: BOOLEAN,
  date: DATE,
  timestamptz: TIMESTAMP,
  timestamp: LOCAL,
  json: TEXT,
  jsonb: TEXT,
  text: TEXT,
  uuid: TEXT,
  opaque: TEXT,
} as const satisfies Record<ScalarType, ColumnType>;

export function columnTypeOf({ type, sqlType = '' }: OutputColumn): ColumnType {
  const declared = type === 'numeric' ? /^numeric\((\d+),(\d+)\)$/.exec(sqlType) : null;
  const [precision, scale] = [Number(declared?.[1]), Number(declared?.[2])];
  return declared && precision <= MOST_DIGITS && scale <= precision ? decimal(precision, scale) : TYPE_OF[type];
}
