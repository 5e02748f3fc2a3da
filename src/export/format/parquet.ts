/**
 * Parquet, through hyparquet-writer. Rows are gathered into groups and each is written as a whole, so memory stays at one
 * group. Keys and integers are INT64, decimals of up to 18 digits DECIMAL, other numbers DOUBLE, instants microseconds in
 * UTC, dates days; what Parquet has no type for is text. Infinite instants and dates are null.
 */
import { ByteWriter, ParquetWriter, type ColumnSource } from 'hyparquet-writer';
import { join, sql, type Fragment } from '../../compile/fragment.ts';
import type { OutputColumn } from '../output-column.ts';
import type { Format } from './format.ts';

type Schema = ConstructorParameters<typeof ParquetWriter>[0]['schema'];
type Cell = string | number | bigint | boolean | null;

/** Values of a group, and their bytes of text: they are gathered in memory, where a value costs about 100 bytes more. */
const GROUP_VALUES = 24_000;
const GROUP_BYTES = 8 * 1024 * 1024;
const LF = 0x0a;
const NOTHING = new Uint8Array();

interface Kind {
  readonly element: Omit<Schema[number], 'name'>;
  readonly value: (of: Fragment) => Fragment;
  readonly parse: (text: string) => Cell;
}

const optional = { repetition_type: 'OPTIONAL' } as const;
const TEXT: Kind = {
  element: { type: 'BYTE_ARRAY', converted_type: 'UTF8', ...optional },
  value: (of) => of,
  parse: (text) => text,
};
const INT64: Kind = { element: { type: 'INT64', ...optional }, value: (of) => of, parse: BigInt };
const DOUBLE: Kind = {
  element: { type: 'DOUBLE', ...optional },
  value: (of) => of,
  parse: (text) => (text === 'Infinity' ? Infinity : text === '-Infinity' ? -Infinity : Number(text)),
};
const BOOLEAN: Kind = { element: { type: 'BOOLEAN', ...optional }, value: (of) => of, parse: (text) => text === 't' };
const DATE: Kind = {
  element: { type: 'INT32', converted_type: 'DATE', ...optional },
  value: (of) => sql`case when isfinite(${of}) then (${of})::date - date '1970-01-01' end`,
  parse: Number,
};
const TIMESTAMP: Kind = {
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
/** Without a zone it is no instant: the clock on the wall, as it stands in the column. */
const LOCAL: Kind = {
  ...TIMESTAMP,
  element: { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MICROS' }, ...optional },
};

function decimal(precision: number, scale: number): Kind {
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

function kindOf({ type, sqlType = '' }: OutputColumn): Kind {
  switch (type) {
    case 'integer':
      return INT64;
    case 'numeric': {
      const declared = /^numeric\((\d+),(\d+)\)$/.exec(sqlType);
      const [precision, scale] = [Number(declared?.[1]), Number(declared?.[2])];
      return declared && precision <= 18 && scale <= precision ? decimal(precision, scale) : DOUBLE;
    }
    case 'float4':
    case 'float8':
      return DOUBLE;
    case 'boolean':
      return BOOLEAN;
    case 'date':
      return DATE;
    case 'timestamptz':
      return TIMESTAMP;
    case 'timestamp':
      return LOCAL;
    case 'json':
    case 'jsonb':
    case 'text':
    case 'uuid':
    case 'opaque':
      return TEXT;
  }
}

export function parquet(columns: readonly OutputColumn[]): Format {
  const kinds = columns.map(kindOf);
  const schema: Schema = [
    { name: 'root', num_children: columns.length },
    ...columns.map(({ name }, index) => ({ name, ...(kinds[index] ?? TEXT).element })),
  ];
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({ writer: bytes, schema, createdBy: 'segmentd' });
  let cells: Cell[][] = columns.map(() => []);
  let gathered = 0;
  let size = 0;
  let count = 0;
  let rest: Buffer = Buffer.alloc(0);

  const flush = (): void => {
    if (gathered === 0) return;
    const columnData = columns.map(({ name }, index): ColumnSource => ({ name, data: cells[index] ?? [] }));
    void writer.write({ columnData, rowGroupSize: gathered });
    cells = columns.map(() => []);
    gathered = 0;
    size = 0;
  };
  /** What the writer has made, taken out of it. Its own count of bytes goes on: places in the file are told by it. */
  const taken = (): Uint8Array => {
    if (bytes.index === 0) return NOTHING;
    const part = new Uint8Array(bytes.buffer, 0, bytes.index).slice();
    bytes.index = 0;
    return part;
  };
  const add = (line: string): void => {
    const values = line.split('\t');
    for (const [index, kind] of kinds.entries()) {
      const text = values[index] ?? '\\N';
      cells[index]?.push(text === '\\N' ? null : kind.parse(text.includes('\\') ? unescape(text) : text));
    }
    count += 1;
    gathered += 1;
    size += line.length;
    if (gathered * columns.length >= GROUP_VALUES || size >= GROUP_BYTES) flush();
  };

  return {
    extension: 'parquet',
    copy: (from: Fragment) =>
      sql`copy (select ${join(
        columns.map(({ value }, index) => (kinds[index] ?? TEXT).value(value)),
        sql`, `,
      )} from ${from}) to stdout`,
    header: taken,
    rows(chunk) {
      const input = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const end = input.lastIndexOf(LF) + 1;
      rest = Buffer.from(input.subarray(end));
      // In COPY's text form a line end is always the end of a row.
      if (end > 0) for (const line of input.toString('utf8', 0, end - 1).split('\n')) add(line);
      return taken();
    },
    footer() {
      flush();
      void writer.finish();
      return taken();
    },
    get count() {
      return count;
    },
  };
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** Undoes what COPY's text form escapes. */
function unescape(text: string): string {
  return text.replaceAll(/\\(.)/gs, (_, letter: string) => ESCAPES[letter] ?? letter);
}
