/**
 * The formats of files. Postgres prints the rows (COPY), so that a million of them cost Node next to nothing; a format says
 * how, and turns what arrives into the file's bytes. One instance writes one file.
 */
import { Failure } from '../../base/error.ts';
import type { Fragment } from '../../compile/fragment.ts';
import type { OutputColumn } from '../output-column.ts';
import { csv } from './csv.ts';
import { ndjson } from './ndjson.ts';

export const FORMATS = ['csv', 'ndjson', 'parquet'] as const;
export type FormatName = (typeof FORMATS)[number];

export interface Format {
  readonly extension: string;
  /** The COPY of `columns` over what stands behind FROM. */
  copy(from: Fragment): Fragment;
  /** What comes before all rows. */
  header(): Uint8Array;
  /** Bytes of COPY, cut anywhere, to bytes of the file. What belongs to a row that is not whole yet waits for the next call. */
  rows(chunk: Buffer): Uint8Array;
  /** What comes behind all rows. */
  footer(): Uint8Array;
  /** Rows so far. */
  readonly count: number;
}

export interface FormatOptions {
  /** Leaves texts that a spreadsheet would take for formulas as they are. */
  readonly formulas?: boolean;
}

/** @throws {Failure} `usage` for a format that does not exist */
export async function createFormat(
  name: FormatName,
  columns: readonly OutputColumn[],
  options: FormatOptions = {},
): Promise<Format> {
  switch (name) {
    case 'csv':
      return csv(columns, options);
    case 'ndjson':
      return ndjson(columns);
    case 'parquet': {
      // Loaded by whoever writes it.
      const { parquet } = await import('./parquet.ts');
      return parquet(columns);
    }
    default:
      throw new Failure('usage', `There is no format ${JSON.stringify(name)}; there are ${FORMATS.join(', ')}.`);
  }
}
