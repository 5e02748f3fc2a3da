/**
 * Members with columns of their contacts, page by page in order of the key: what `members` lists. A page is one short
 * transaction, so no snapshot and no lock on the team's tables outlives it. A column means what it means in an export.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { integer, param, render, sql, type Fragment } from '../compile/fragment.ts';
import { queryByContactKey } from '../membership/contact-key.ts';
import { PAGE, type Member } from '../membership/member-page.ts';
import { segmentIdOf } from '../membership/segment-id.ts';
import type { Pool } from '../postgres/pool.ts';
import type { OutputColumns } from './output-column.ts';
import { memberColumns } from './own-column.ts';
import { columnsOf, contactJoin, printedColumns, printedValues, readPrinted, type Printed } from './printed-row.ts';
import { LOCKED_TABLE } from './read-rows.ts';

export interface MemberRow extends Member {
  /** By the names that were asked for. Whole numbers are numbers where JavaScript holds them, other numbers are text. */
  readonly columns: Readonly<Record<string, unknown>>;
}

export interface MemberRowOptions {
  /** As in an export: fields of contacts, `orders.count`, `orders.sum:total`. */
  readonly columns: readonly string[];
  readonly limit?: number;
  readonly after?: string;
}

/**
 * One page. @param options.limit default 1,000
 * @throws {Failure} `not-found`; `usage` for a column that does not exist, or when `after` cannot be a contact's key;
 *   `permission` when this role may not read a column
 */
export async function readMemberRows(
  pool: Pool,
  catalogue: Catalogue,
  key: string,
  { columns: names, limit = PAGE, after }: MemberRowOptions,
): Promise<readonly MemberRow[]> {
  const columns = await columnsOf(pool, catalogue, memberColumns(catalogue.contacts.key.type), names);
  const id = await segmentIdOf(pool, key);
  return readPage(pool, catalogue, columns, { id, after: after ?? null, limit });
}

/** All of them, a page a query. @throws {Failure} as `readMemberRows` */
export async function* readMemberRowPages(
  pool: Pool,
  catalogue: Catalogue,
  key: string,
  options: MemberRowOptions,
): AsyncGenerator<readonly MemberRow[], void, void> {
  const columns = await columnsOf(pool, catalogue, memberColumns(catalogue.contacts.key.type), options.columns);
  const id = await segmentIdOf(pool, key);
  let after = options.after ?? null;
  for (let left = options.limit ?? Infinity; left > 0;) {
    const rows = await readPage(pool, catalogue, columns, { id, after, limit: Math.min(left, PAGE) });
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    after = last.contactId;
    left -= rows.length;
  }
}

interface Page {
  readonly id: number;
  readonly after: string | null;
  readonly limit: number;
}

async function readPage(
  pool: Pool,
  catalogue: Catalogue,
  columns: OutputColumns,
  page: Page,
): Promise<readonly MemberRow[]> {
  const { text, bind } = render(pageQuery(catalogue, columns, page));
  const { rows } = await readPrinted(
    pool,
    columns,
    { statementTimeout: 30_000, patience: LOCKED_TABLE.patience },
    (client) =>
      queryByContactKey(page.after, () =>
        client.query<{ contact_id: string; entered_at: string; printed: Printed }>(text, bind({ after: page.after })),
      ),
  );
  return rows.map(({ contact_id: contactId, entered_at: enteredAt, printed }) => ({
    contactId,
    enteredAt,
    columns: printedValues(columns, printed),
  }));
}

function pageQuery(catalogue: Catalogue, columns: OutputColumns, { id, after, limit }: Page): Fragment {
  const behind = after === null ? sql`` : sql` and m.contact_id > ${param('after', 'text')}::segmentd.contact_key`;
  const rows = sql`(select m.contact_id, m.entered_at from segmentd.membership m where m.segment_id = ${integer(id)}${behind} order by m.contact_id limit ${integer(limit)}) as r`;
  return sql`select r.contact_id::text as contact_id,
    to_char(r.entered_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as entered_at,
    ${printedColumns(columns)} as printed
  from ${rows}${contactJoin(catalogue, columns)} order by r.contact_id`;
}
