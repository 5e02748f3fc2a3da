/**
 * What a caller asks of an export, and the one check of it: `export`, its deltas and `schedule add` all check here. A
 * request that passes can only fail on the segment, the database or the file system. Reads and writes nothing.
 */
import { Failure } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Destination } from './destination.ts';
import { FORMATS, type FormatName } from './format/format.ts';
import { outputColumns, type OutputColumns } from './output-column.ts';
import { deltaColumns, memberColumns } from './own-column.ts';

/** What an export and a schedule have in common. */
export interface ExportRequest {
  /** Default `csv`. */
  readonly format?: FormatName;
  /** Default: the key and the instant of entry; in a delta the change too. */
  readonly columns?: readonly string[];
  readonly gzip?: boolean;
  /** Name among the deltas of the segment: any text of 1 to 200 characters. */
  readonly delta?: string;
  /**
   * Of a delta: also names, once, contacts that both entered and left since (`entered_left`, `left_entered`). Default:
   * not at all.
   */
  readonly passing?: boolean;
  /** Of a delta: begins anew, and the next file holds all members. */
  readonly restart?: boolean;
}

export interface ExportOptions extends ExportRequest {
  readonly to: Destination;
  /** Leaves texts that a spreadsheet would take for formulas as they are (CSV). */
  readonly formulas?: boolean;
  /** Reads all columns in one snapshot. DDL of the team waits meanwhile. */
  readonly consistent?: boolean;
  readonly signal?: AbortSignal;
  /** 0 to 1. */
  readonly onProgress?: (fraction: number) => void;
}

export interface CheckedRequest {
  readonly format: FormatName;
  readonly gzip: boolean;
  /** Names of the columns, in the order of the file. */
  readonly names: readonly string[];
  readonly columns: OutputColumns;
}

const MEMBER_COLUMNS: readonly string[] = ['contact_id', 'entered_at'];
const DELTA_COLUMNS: readonly string[] = ['change', 'contact_id', 'at'];
const LONGEST_DELTA_NAME = 200;

/** @throws {Failure} `usage` for the first part of the request that no export could satisfy */
export function checkRequest(catalogue: Catalogue, request: ExportRequest): CheckedRequest {
  const { format = 'csv', gzip = false, delta } = request;
  if (!FORMATS.includes(format))
    throw new Failure('usage', `There is no format ${JSON.stringify(format)}; there are ${FORMATS.join(', ')}.`);
  if (gzip && format === 'parquet') throw new Failure('usage', 'Parquet is compressed already; leave gzip out.');
  if (delta === undefined) refuseDeltaFlags(request);
  else checkDeltaName(delta);
  const keyType = catalogue.contacts.key.type;
  const own = delta === undefined ? memberColumns(keyType) : deltaColumns(keyType);
  const names =
    delta === undefined ? (request.columns ?? MEMBER_COLUMNS) : withChange(request.columns ?? DELTA_COLUMNS);
  return { format, gzip, names, columns: outputColumns(catalogue, own, names) };
}

function refuseDeltaFlags({ passing, restart }: ExportRequest): void {
  if (restart === true) throw new Failure('usage', 'Only a delta can be restarted; name the delta too (--delta NAME).');
  if (passing === true)
    throw new Failure(
      'usage',
      'Only a delta can list contacts that passed through; name the delta too (--delta NAME).',
    );
}

function checkDeltaName(name: string): void {
  if (name === '' || name.length > LONGEST_DELTA_NAME || /\0|\p{Surrogate}/u.test(name))
    throw new Failure('usage', `The name of a delta is a text of 1 to ${LONGEST_DELTA_NAME} characters.`);
}

/** A reader of a delta without these two columns could not follow the membership. */
function withChange(columns: readonly string[]): readonly string[] {
  return [...['change', 'contact_id'].filter((name) => !columns.includes(name)), ...columns];
}
