/**
 * Columns of contacts beside rows of members, for callers that read them page by page rather than as a file. A page is one
 * short transaction, so no snapshot and no lock on the team's tables outlives it. A column means what it means in an export.
 */
import { Failure, NO_RIGHT, sqlState } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { ident, join, list, render, sql, tableName, value, written, type Fragment } from '../compile/fragment.ts';
import { lockTables, SHORT_WAIT } from '../postgres/give-way.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { retryLocked } from '../postgres/retry-locked.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { outputColumns, type OutputColumn, type OutputColumns } from './output-column.ts';
import type { OwnColumns } from './own-column.ts';
import { READ_ONLY_SETTINGS } from './read-rows.ts';

/** The values of one row, as `printedColumns` prints them. */
export type Printed = readonly (string | null)[];

/** `left join` of the contacts and of the relations that the columns read, to rows `r` with a `contact_id`. */
export function contactJoin({ contacts: { table, key } }: Catalogue, columns: OutputColumns): Fragment {
  if (!columns.readsContacts) return sql``;
  return sql` left join ${tableName(table)} as c on ${ident('c', key.column)} = r.contact_id${join(columns.joins, sql``)}`;
}

/** All columns as one array of text. */
export function printedColumns({ list: columns }: OutputColumns): Fragment {
  return sql`array[${join(columns.map(printedValue), sql`, `)}]::text[]`;
}

/** Numbers as Postgres prints them, other values as JSON; NULL where there is none. */
function printedValue({ name, type, value: shown }: OutputColumn): Fragment {
  if (name === 'contact_id') return sql`to_json((${shown})::text)::text`;
  return NUMBERS.has(type) || type === 'json' ? sql`(${shown})::text` : sql`to_json(${shown})::text`;
}

const NUMBERS: ReadonlySet<OutputColumn['type']> = new Set(['integer', 'numeric', 'float4', 'float8']);

/** By the names that were asked for. Whole numbers are numbers where JavaScript holds them, other numbers are text. */
export function printedValues({ list: columns }: OutputColumns, printed: Printed): Readonly<Record<string, unknown>> {
  return Object.fromEntries(columns.map(({ name, type }, at) => [name, valueOf(type, printed[at] ?? null)]));
}

function valueOf(type: OutputColumn['type'], printed: string | null): unknown {
  if (printed === null) return null;
  if (type === 'integer' && Number.isSafeInteger(Number(printed))) return Number(printed);
  return NUMBERS.has(type) && !printed.startsWith('"') ? printed : (JSON.parse(printed) as unknown);
}

export interface ReadOptions {
  /** Milliseconds of one statement. */
  readonly statementTimeout: number;
  /** Milliseconds to wait for a table that the team has locked. */
  readonly patience: number;
}

/**
 * Runs `read` in one short transaction that sees one snapshot and writes nothing.
 * @throws {Failure} `permission` when this role may not read a column; `failed` when a table stays locked
 */
export async function readPrinted<T>(
  pool: Pool,
  columns: OutputColumns,
  { statementTimeout, patience }: ReadOptions,
  read: (client: Client) => Promise<T>,
): Promise<T> {
  const once = () =>
    inTransaction(pool, { statementTimeout, idleTimeout: 30_000 }, async (client) => {
      await client.query(
        `set transaction isolation level repeatable read, read only; ${READ_ONLY_SETTINGS} ${SHORT_WAIT}`,
      );
      await lockTables(client, columns.tables);
      return read(client);
    });
  return retryLocked(once, { patience, what: 'the list of contacts' }).catch((error: unknown) => {
    throw sqlState(error) === NO_RIGHT ? mayNotRead(columns, error) : error;
  });
}

/**
 * The columns by their names. A column that this role may not read is no field of its catalogue: the error says which it is.
 * @throws {Failure} `usage`; `permission`
 */
export async function columnsOf(
  pool: Pool,
  catalogue: Catalogue,
  own: OwnColumns,
  names: readonly string[],
): Promise<OutputColumns> {
  try {
    return outputColumns(catalogue, own, names);
  } catch (error) {
    const { table } = catalogue.contacts;
    const { text, bind } = render(sql`select a.attname as name, current_user as role
      from pg_catalog.pg_attribute a where a.attrelid = ${value(written(tableName(table)), 'text')}::pg_catalog.regclass
        and a.attnum > 0 and not a.attisdropped and a.attname = any (${list(names, 'name')})
        and not pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'select')`);
    const { rows } = await pool.query<{ name: string; role: string }>(text, bind());
    const [first] = rows;
    if (!first) throw error;
    const hidden = rows.map(({ name }) => name);
    const grant = sql`grant select (${join(
      hidden.map((name) => ident(name)),
      sql`, `,
    )}) on ${tableName(table)} to ${ident(first.role)}`;
    throw new Failure(
      'permission',
      `The role ${first.role} may not read ${hidden.join(', ')} of the contacts; who owns them grants it: ${written(grant)};`,
      { cause: error },
    );
  }
}

function mayNotRead({ list: columns }: OutputColumns, error: unknown): Failure {
  const names = columns.map(({ name }) => name).join(', ');
  const why = error instanceof Error ? error.message : NO_RIGHT;
  return new Failure(
    'permission',
    `The database role may not read all of ${names}: ${why}. Its owner grants that: grant select (COLUMN, …) on TABLE to ROLE.`,
    { cause: error },
  );
}
