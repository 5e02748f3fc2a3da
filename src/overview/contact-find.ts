/**
 * Looks for contacts by key or by a displayed column. A search that finds no index in time is repeated for whole values alone,
 * and the answer says so; when that takes too long as well, the search fails with the index that it needs.
 */
import { Failure, QUERY_CANCELED, sqlState } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { ident, integer, param, render, sql, tableName, type Fragment } from '../compile/fragment.ts';
import { contactJoin, printedColumns, readPrinted, type Printed } from '../export/printed-row.ts';
import { queryByContactKey } from '../membership/contact-key.ts';
import type { Pool } from '../postgres/pool.ts';
import { contactMatch } from './contact-match.ts';
import { shownColumns, shownValues, type ShownColumns, type ShownOptions, type ShownValues } from './shown-column.ts';

export interface FoundContact {
  readonly contactId: string;
  readonly values: ShownValues;
}

export interface FindOptions extends ShownOptions {
  /** A key, or a text of a displayed column; absent: all contacts. */
  readonly find?: string;
  /** Default 50. */
  readonly limit?: number;
  /** The last key of the page before. */
  readonly after?: string;
}

/** An incomplete search, and what would make it complete. */
export interface SlowSearch {
  readonly sentence: string;
  readonly command: string | null;
}

export interface FoundContacts {
  readonly contacts: readonly FoundContact[];
  /** Null on the last page. */
  readonly next: string | null;
  /** Set when only whole values were looked for, because parts of them took too long. */
  readonly slow: SlowSearch | null;
}

export const FIND_PAGE = 50;
const LOOSE = { statementTimeout: 2_500, patience: 3_000 } as const;
const EXACT = { statementTimeout: 1_500, patience: 3_000 } as const;

/** @throws {Failure} `usage`; `permission`; `too-slow` with the command that creates an index */
export async function findContacts(
  pool: Pool,
  catalogue: Catalogue,
  { find, limit = FIND_PAGE, after, ...options }: FindOptions,
): Promise<FoundContacts> {
  const shown = await shownColumns(pool, catalogue, options);
  const { rows, slow } = await searching(catalogue, find, options.reveal ?? false, ({ match, timeouts }) =>
    readContacts(pool, catalogue, shown, match, { limit: limit + 1, after, timeouts }),
  );
  const contacts = rows.slice(0, limit).map(({ contact_id, printed }) => ({
    contactId: contact_id,
    values: shownValues(shown, printed),
  }));
  return { contacts, next: rows.length > limit ? (contacts.at(-1)?.contactId ?? null) : null, slow };
}

interface Search {
  /** Over the contact `c`; absent: every contact. */
  readonly match: Fragment | undefined;
  readonly timeouts: typeof LOOSE | typeof EXACT;
}

/** Searches by the key, else by parts of values, else by whole values. @throws {Failure} `usage`; `too-slow` */
export async function searching<Row>(
  catalogue: Catalogue,
  find: string | undefined,
  reveal: boolean,
  search: (how: Search) => Promise<readonly Row[]>,
): Promise<{ readonly rows: readonly Row[]; readonly slow: SlowSearch | null }> {
  if (find === undefined) return { rows: await search({ match: undefined, timeouts: LOOSE }), slow: null };
  const { key, exact, loose, command } = contactMatch(catalogue, find, reveal);
  try {
    const rows = key === undefined ? [] : await search({ match: key, timeouts: LOOSE });
    if (rows.length > 0) return { rows, slow: null };
    return { rows: await search({ match: loose, timeouts: LOOSE }), slow: null };
  } catch (error) {
    if (sqlState(error) !== QUERY_CANCELED) throw error;
  }
  const advice = command === null ? '' : ' An index helps.';
  try {
    const sentence = `Only whole values were looked for: to look for parts of them took too long.${advice}`;
    return { rows: await search({ match: exact, timeouts: EXACT }), slow: { sentence, command } };
  } catch (error) {
    if (sqlState(error) !== QUERY_CANCELED) throw error;
    throw new Failure('too-slow', `The search took too long.${advice}`, { cause: error, data: { command } });
  }
}

interface FoundRow {
  readonly contact_id: string;
  readonly printed: Printed;
}

async function readContacts(
  pool: Pool,
  catalogue: Catalogue,
  { columns }: ShownColumns,
  match: Fragment | undefined,
  { limit, after, timeouts }: { readonly limit: number; readonly after: string | undefined } & Pick<Search, 'timeouts'>,
): Promise<readonly FoundRow[]> {
  const { table, key } = catalogue.contacts;
  const column = sql`c.${ident(key.column)}`;
  const behind = after === undefined ? sql`` : sql` and ${column} > ${param('after', key.sqlType)}`;
  const { text, bind } = render(sql`select r.contact_id::text as contact_id, ${printedColumns(columns)} as printed
    from (select ${column}::segmentd.contact_key as contact_id from ${tableName(table)} as c
      where ${match ?? sql`true`}${behind} order by ${column} limit ${integer(limit)}) as r${contactJoin(catalogue, columns)}
    order by r.contact_id`);
  const reads = { ...columns, tables: [...new Set([table, ...columns.tables])] };
  return readPrinted(pool, reads, timeouts, async (client) => {
    const { rows } = await queryByContactKey(after ?? null, () =>
      client.query<FoundRow>(text, bind({ now: null, ...(after === undefined ? {} : { after }) })),
    );
    return rows;
  });
}
