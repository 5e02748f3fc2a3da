/**
 * What a format of files is. Postgres prints the rows (COPY), so that a million of them cost Node next to nothing. A
 * format says how Postgres prints them, and turns what arrives into the bytes of the file. One instance writes one
 * file.
 */
import type { Fragment } from '../../compile/fragment.ts';

export const FORMATS = ['csv', 'ndjson', 'parquet'] as const;
export type FormatName = (typeof FORMATS)[number];

export interface Format {
  readonly extension: string;
  /** The COPY of the columns; `from` is what stands behind FROM. */
  copy(from: Fragment): Fragment;
  /** The bytes before all rows. */
  header(): Uint8Array;
  /**
   * Turns bytes of COPY, cut anywhere, into bytes of the file. The bytes of an incomplete row wait for the next call.
   */
  rows(chunk: Buffer): Uint8Array;
  /** The bytes behind all rows. */
  footer(): Uint8Array;
  /** Rows so far. */
  readonly count: number;
}

export interface FormatOptions {
  /** Leaves texts that a spreadsheet would take for formulas as they are (CSV). */
  readonly formulas?: boolean;
}
