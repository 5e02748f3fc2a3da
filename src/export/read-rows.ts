/**
 * Reads an export's rows as bytes of COPY, a range of keys at a time. Each range is a short transaction read to its end
 * before it is passed on: no snapshot and no lock on the team's tables outlives it, however slow the reader is. Or,
 * when columns must agree with each other, all of it in one snapshot.
 */
import { to as copyTo } from 'pg-copy-streams';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { ident, integer, join, render, sql, tableName, value, written, type Fragment } from '../compile/fragment.ts';
import type { KeyRange } from '../membership/difference.ts';
import { SHORT_WAIT } from '../postgres/give-way.ts';
import { retryLocked } from '../postgres/retry-locked.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { inTransaction } from '../postgres/transaction.ts';
import type { OutputColumns } from './output-column.ts';
import type { Format } from './format/format.ts';
import type { Selection } from './selection.ts';

export interface ReadSource {
  readonly catalogue: Catalogue;
  readonly selection: Selection;
  readonly columns: OutputColumns;
  readonly format: Format;
}

const TIMEOUTS = { statementTimeout: 120_000, idleTimeout: 60_000 } as const;
/** One snapshot a range. How values print must not depend on the pool, which may be the caller's own. */
const PREPARE = `
  set transaction isolation level repeatable read, read only; set local work_mem = '16MB';
  set local datestyle = 'ISO, YMD'; set local intervalstyle = 'postgres'; set local timezone = 'UTC'; set local extra_float_digits = 1;
  set local bytea_output = 'hex'; set local jit = off; ${SHORT_WAIT}`;
/** Milliseconds to wait for a table that the team has locked. */
export const PATIENCE = 60_000;

const FIRST_ROWS = 5_000;
const FEWEST_ROWS = 100;
const MOST_ROWS = 100_000;
/** A range aims at so many bytes: two of them are in memory at a time. */
const AIM = 2 * 1024 * 1024;

interface Piece {
  readonly chunks: readonly Buffer[];
  readonly end: string | undefined;
  readonly rows: number;
}

/** The next range is read while the one before is written. */
export async function* readByRange(pool: Pool, source: ReadSource): AsyncGenerator<Buffer, void, void> {
  let rows = FIRST_ROWS;
  let next = readPiece(pool, source, undefined, rows);
  try {
    for (;;) {
      const piece = await next;
      if (piece.end === undefined) return yield* piece.chunks;
      const bytes = piece.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
      rows = Math.max(FEWEST_ROWS, Math.min(MOST_ROWS, Math.floor((rows * AIM) / Math.max(bytes, 1)), rows * 10));
      next = readPiece(pool, source, piece.end, rows);
      // What fails while nobody waits for it is told by the next turn.
      next.catch(() => {});
      yield* piece.chunks;
    }
  } finally {
    // Its connection goes back to the pool before the caller goes on.
    await next.catch(() => {});
  }
}

function readPiece(
  pool: Pool,
  { catalogue, selection, columns, format }: ReadSource,
  low: string | undefined,
  rows: number,
): Promise<Piece> {
  const once = () =>
    inTransaction(pool, TIMEOUTS, async (client) => {
      await client.query(PREPARE);
      const end = await endOfRange(client, selection.keys, low, rows);
      const range = { low, high: end };
      const statement = format.copy(await from(client, { catalogue, selection, columns, format }, range));
      const chunks: Buffer[] = [];
      for await (const chunk of copy(client, statement)) chunks.push(chunk);
      return { chunks, end, rows };
    });
  return retryLocked(once, { patience: PATIENCE, what: 'the export' });
}

/** The key of the last of the next `rows`; undefined when the rest has no more than that. */
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

/** Everything by one statement, in the snapshot of the transaction that `client` is in. */
export async function* readAtOnce(client: Client, source: ReadSource): AsyncGenerator<Buffer, void, void> {
  await client.query(PREPARE);
  yield* copy(client, source.format.copy(await from(client, source, { low: undefined, high: undefined })));
}

async function* copy(client: Client, statement: Fragment): AsyncGenerator<Buffer, void, void> {
  const stream = client.query(copyTo(written(statement)));
  for await (const chunk of stream) yield chunk as Buffer;
}

/** What stands behind FROM: the rows `r`, their contacts `c`, the aggregates of relations; in order of the key. */
async function from(client: Client, { catalogue, selection, columns }: ReadSource, range: KeyRange): Promise<Fragment> {
  const { table, key } = catalogue.contacts;
  const column = ident('c', key.column);
  const named = new Set(columns.list.map(({ name }) => name));
  const rows = sql`(${await selection.rows(client, range, named)}) as r`;
  if (!columns.contacts) return sql`${rows} order by r.contact_id`;
  // Said of both sides, so that a range of contacts can be read as such. Texts may sort by another collation there.
  const ends =
    key.type === 'text'
      ? []
      : [
          ...(range.low === undefined ? [] : [sql`${column} > ${value(range.low, key.sqlType)}`]),
          ...(range.high === undefined ? [] : [sql`${column} <= ${value(range.high, key.sqlType)}`]),
        ];
  const on = join([sql`${column} = r.contact_id`, ...ends], sql` and `);
  return sql`${rows} left join ${tableName(table)} as c on ${on}${join(columns.joins, sql``)} order by r.contact_id`;
}
