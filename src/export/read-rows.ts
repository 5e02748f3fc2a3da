/**
 * Reads the rows of an export as bytes of COPY. By range: each range of keys is a short transaction that is read to its
 * end before its bytes are passed on, so no snapshot and no lock on the team's tables outlives it, however slow the
 * reader is. At once: all rows come from the one snapshot of the caller's transaction. Which of the two,
 * reading-mode.ts decides.
 */
import { to as copyTo } from 'pg-copy-streams';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { ident, integer, join, render, sql, tableName, value, written, type Fragment } from '../compile/fragment.ts';
import type { KeyRange } from '../membership/stored-difference.ts';
import { SHORT_WAIT } from '../postgres/give-way.ts';
import { retryLocked } from '../postgres/retry-locked.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { inTransaction } from '../postgres/transaction.ts';
import type { Format } from './format/format.ts';
import type { OutputColumns } from './output-column.ts';
import type { Selection } from './selection.ts';

/** The rows to read, and how Postgres prints them. */
export interface RowsToRead {
  readonly catalogue: Catalogue;
  readonly selection: Selection;
  readonly columns: OutputColumns;
  readonly format: Format;
}

const TIMEOUTS = { statementTimeout: 120_000, idleTimeout: 60_000 } as const;
/** How values print must not depend on the pool, which may be the caller's own. */
export const READ_ONLY_SETTINGS = `set local work_mem = '16MB';
  set local datestyle = 'ISO, YMD'; set local intervalstyle = 'postgres'; set local timezone = 'UTC'; set local extra_float_digits = 1;
  set local bytea_output = 'hex'; set local jit = off;`;
/** One snapshot a range. */
const PREPARE = `
  set transaction isolation level repeatable read, read only; ${READ_ONLY_SETTINGS} ${SHORT_WAIT}`;
/** How long an export waits for a table that the team has locked: `patience` in milliseconds. */
export const LOCKED_TABLE = { patience: 60_000, what: 'the export' } as const;

const FIRST_ROWS = 5_000;
const FEWEST_ROWS = 100;
const MOST_ROWS = 100_000;
/** Bytes that a range aims at. Two ranges are in memory at a time. */
const AIM_BYTES = 2 * 1024 * 1024;

interface Piece {
  readonly chunks: readonly Buffer[];
  /** Key of the last row; undefined when no rows are left behind it. */
  readonly end: string | undefined;
}

/** Reads the next range while the caller writes the one before. */
export async function* readByRange(pool: Pool, source: RowsToRead): AsyncGenerator<Buffer, void, void> {
  let rows = FIRST_ROWS;
  let next = readPiece(pool, source, undefined, rows);
  try {
    for (;;) {
      const piece = await next;
      if (piece.end === undefined) return yield* piece.chunks;
      const bytes = piece.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      rows = Math.max(FEWEST_ROWS, Math.min(MOST_ROWS, Math.floor((rows * AIM_BYTES) / Math.max(bytes, 1)), rows * 10));
      next = readPiece(pool, source, piece.end, rows);
      // When it fails before the next turn awaits it, the next turn throws the error.
      next.catch(() => {});
      yield* piece.chunks;
    }
  } finally {
    // Its connection goes back to the pool before the caller goes on.
    await next.catch(() => {});
  }
}

function readPiece(pool: Pool, source: RowsToRead, low: string | undefined, rows: number): Promise<Piece> {
  const once = () =>
    inTransaction(pool, TIMEOUTS, async (client) => {
      await client.query(PREPARE);
      const end = await endOfRange(client, source.selection.keys, low, rows);
      const chunks: Buffer[] = [];
      for await (const chunk of copy(client, await copyText(client, source, { low, high: end }))) chunks.push(chunk);
      return { chunks, end };
    });
  return retryLocked(once, LOCKED_TABLE);
}

/** The key of the last of the next `rows`; undefined when no more than `rows` are left. */
async function endOfRange(
  client: Client,
  keys: Fragment,
  low: string | undefined,
  rows: number,
): Promise<string | undefined> {
  const above = low === undefined ? sql`` : sql` and m.contact_id > ${value(low, 'segmentd.contact_key')}`;
  const { text, bind } = render(
    sql`select m.contact_id::text as key ${keys}${above} order by m.contact_id offset ${integer(rows - 1)} limit 1`,
  );
  const { rows: found } = await client.query<{ key: string }>(text, bind());
  return found[0]?.key;
}

/** Reads everything by one statement, in the snapshot of the transaction that `client` is in. */
export async function* readAtOnce(client: Client, source: RowsToRead): AsyncGenerator<Buffer, void, void> {
  await client.query(PREPARE);
  yield* copy(client, await copyText(client, source, { low: undefined, high: undefined }));
}

async function* copy(client: Client, statement: Fragment): AsyncGenerator<Buffer, void, void> {
  const stream = client.query(copyTo(written(statement)));
  for await (const chunk of stream) yield chunk as Buffer;
}

/** COPY of the rows `r`, their contacts `c` and the aggregates of relations, in order of the key. */
async function copyText(
  client: Client,
  { catalogue, selection, columns, format }: RowsToRead,
  range: KeyRange,
): Promise<Fragment> {
  const { table, key } = catalogue.contacts;
  const column = ident('c', key.column);
  const named = new Set(columns.list.map(({ name }) => name));
  const rows = sql`(${await selection.rows(client, range, named)}) as r`;
  if (!columns.readsContacts) return format.copy(sql`${rows} order by r.contact_id`);
  // Both sides have the ends, so that Postgres can read a range of contacts as such. Keys of text may sort by another
  // collation in the team's table.
  const ends =
    key.type === 'text'
      ? []
      : [
          ...(range.low === undefined ? [] : [sql`${column} > ${value(range.low, key.sqlType)}`]),
          ...(range.high === undefined ? [] : [sql`${column} <= ${value(range.high, key.sqlType)}`]),
        ];
  const on = join([sql`${column} = r.contact_id`, ...ends], sql` and `);
  return format.copy(
    sql`${rows} left join ${tableName(table)} as c on ${on}${join(columns.joins, sql``)} order by r.contact_id`,
  );
}
