/**
 * The members of a segment as its page shows them: columns, since when, why; one of them found; those of one reason, or those
 * who are in another segment as well or not. In order of the key. A filter that few members pass reads so many of them that a
 * page stays short in time: such a page may have fewer rows than asked for, and still a next one.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { ident, integer, join, param, render, sql, tableName, value, type Fragment } from '../compile/fragment.ts';
import { contactJoin, printedColumns, readPrinted, type Printed } from '../export/printed-row.ts';
import { queryByContactKey } from '../membership/contact-key.ts';
import type { Reason } from '../membership/reason.ts';
import { segmentIdOf } from '../membership/segment-id.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { FIND_PAGE, searching, type SlowSearch } from './contact-find.ts';
import { shownColumns, shownValues, type ShownColumns, type ShownOptions, type ShownValues } from './shown-column.ts';

export interface ListedMember {
  readonly contactId: string;
  /** ISO 8601 with microseconds, UTC. */
  readonly enteredAt: string;
  /** Why it entered, and by which version; null when the history no longer reaches back so far. */
  readonly reason: Reason | null;
  readonly version: number | null;
  readonly values: ShownValues;
}

export interface MemberListOptions extends ShownOptions {
  /** A key, or a text of a displayed column. */
  readonly find?: string;
  /** Who entered for this reason. */
  readonly reason?: Reason;
  /** Key of a segment that they are in as well. */
  readonly alsoIn?: string;
  /** Key of a segment that they are not in. */
  readonly notIn?: string;
  /** Default 50. */
  readonly limit?: number;
  /** The last key of the page before. */
  readonly after?: string;
  /** Begins at this key. */
  readonly from?: string;
}

export interface MemberListPage {
  readonly members: readonly ListedMember[];
  /** The key to go on after; null on the last page. */
  readonly next: string | null;
  readonly slow: SlowSearch | null;
}

const TIMEOUTS = { statementTimeout: 10_000, patience: 3_000 } as const;
/** Members that a filter reads at once, and milliseconds after which a page is given as it is. */
const SCAN = 4_000;
const SCAN_MS = 250;

interface Row {
  readonly contact_id: string;
  readonly entered_at: string;
  readonly reason: Reason | null;
  readonly version: number | null;
  readonly printed: Printed;
}

/** What a statement of this list needs. */
interface Listing {
  readonly catalogue: Catalogue;
  readonly segment: number;
  readonly shown: ShownColumns;
  /** Predicates over the membership `m`. */
  readonly filters: readonly Fragment[];
}

/** @throws {Failure} `not-found`; `usage`; `permission`; `too-slow` */
export async function listMembers(
  pool: Pool,
  catalogue: Catalogue,
  key: string,
  options: MemberListOptions = {},
): Promise<MemberListPage> {
  const { find, limit = FIND_PAGE, after, from } = options;
  const segment = await segmentIdOf(pool, key);
  const shown = await shownColumns(pool, catalogue, options);
  const filters = await filtersOf(pool, options);
  const listing: Listing = { catalogue, segment, shown, filters };
  const place = { after: after ?? null, from: after === undefined ? (from ?? null) : null };
  if (find === undefined && filters.length > 0) {
    const found = await readPrinted(pool, readsOf(shown), TIMEOUTS, (client) => scan(client, listing, limit, place));
    return { members: found.rows.map((row) => memberOf(shown, row)), next: found.next, slow: null };
  }
  const { rows, slow } = await searching(catalogue, find, options.reveal ?? false, ({ match, timeouts }) =>
    readPrinted(pool, readsOf(shown, match && catalogue), match ? timeouts : TIMEOUTS, (client) => {
      const members = match ? matching(listing, match, limit + 1, place) : pageOf(listing, limit + 1, place);
      return rowsOf(client, place, described(listing, members));
    }),
  );
  const members = rows.slice(0, limit).map((row) => memberOf(shown, row));
  return { members, next: rows.length > limit ? (members.at(-1)?.contactId ?? null) : null, slow };
}

interface Place {
  readonly after: string | null;
  readonly from: string | null;
}

async function filtersOf(pool: Pool, { reason, alsoIn, notIn }: MemberListOptions): Promise<readonly Fragment[]> {
  const inside = (id: number): Fragment =>
    sql`exists (select from segmentd.membership o where o.segment_id = ${integer(id)} and o.contact_id = m.contact_id)`;
  return [
    ...(alsoIn === undefined ? [] : [inside(await segmentIdOf(pool, alsoIn))]),
    ...(notIn === undefined ? [] : [sql`not ${inside(await segmentIdOf(pool, notIn))}`]),
    ...(reason === undefined ? [] : [sql`(${entryOf(sql`m`, sql`i.reason`)}) = ${value(reason, 'text')}`]),
  ];
}

/** A column of the event by which a member entered: found by its instant, so that one month of the log is read. */
function entryOf(member: Fragment, column: Fragment): Fragment {
  return sql`select ${column} from segmentd.membership_event i
    where i.segment_id = ${member}.segment_id and i.contact_id = ${member}.contact_id and i.kind = 'entered' and i.at = ${member}.entered_at
    order by i.id desc limit 1`;
}

function behind(column: Fragment, { after, from }: Place): Fragment {
  if (after !== null) return sql` and ${column} > ${param('after', 'text')}::segmentd.contact_key`;
  return from === null ? sql`` : sql` and ${column} >= ${param('from', 'text')}::segmentd.contact_key`;
}

/** `m`: members in order of their keys. */
function pageOf({ segment }: Listing, limit: number, place: Place): Fragment {
  return sql`select m.segment_id, m.contact_id, m.entered_at from segmentd.membership m
    where m.segment_id = ${integer(segment)}${behind(sql`m.contact_id`, place)} order by m.contact_id limit ${integer(limit)}`;
}

function matching({ catalogue, segment, filters }: Listing, match: Fragment, limit: number, place: Place): Fragment {
  const { table, key } = catalogue.contacts;
  return sql`select m.segment_id, m.contact_id, m.entered_at from ${tableName(table)} as c
    join segmentd.membership m on m.contact_id = c.${ident(key.column)} and m.segment_id = ${integer(segment)}
    where ${join([match, ...filters], sql` and `)}${behind(sql`m.contact_id`, place)} order by m.contact_id limit ${integer(limit)}`;
}

/** Rows with all that the page shows of them. */
function described({ catalogue, shown: { columns } }: Listing, members: Fragment): Fragment {
  return sql`select r.contact_id::text as contact_id,
    to_char(r.entered_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as entered_at, e.reason, e.version,
    ${printedColumns(columns)} as printed
  from (${members}) as r
  left join lateral (${entryOf(sql`r`, sql`i.reason, i.version`)}) as e on true${contactJoin(catalogue, columns)}
  order by r.contact_id`;
}

/** Reads members by the thousand until so many pass the filters, or the time is over. */
async function scan(
  client: Client,
  listing: Listing,
  limit: number,
  start: Place,
): Promise<{ readonly rows: readonly Row[]; readonly next: string | null }> {
  const rows: Row[] = [];
  const ends = performance.now() + SCAN_MS;
  let place = start;
  for (;;) {
    const left = limit - rows.length;
    const some = sql`select m.* from (${pageOf(listing, SCAN, place)}) as m where ${join(listing.filters, sql` and `)}
      order by m.contact_id limit ${integer(left + 1)}`;
    const found = await rowsOf(client, place, described(listing, some));
    rows.push(...found.slice(0, left));
    if (found.length > left) return { rows, next: rows.at(-1)?.contact_id ?? null };
    const last = await lastOf(client, listing, place);
    if (last === null) return { rows, next: null };
    if (rows.length === limit || performance.now() > ends) return { rows, next: last };
    place = { after: last, from: null };
  }
}

/** The last key that a scan from this place reads; null when it reads to the end. */
async function lastOf(client: Client, { segment }: Listing, place: Place): Promise<string | null> {
  const query = sql`select m.contact_id::text as contact_id from segmentd.membership m
    where m.segment_id = ${integer(segment)}${behind(sql`m.contact_id`, place)} order by m.contact_id offset ${integer(SCAN - 1)} limit 1`;
  const { rows } = await client.query<{ contact_id: string }>(bound(place, query));
  return rows[0]?.contact_id ?? null;
}

/** A statement from this place on, as pg takes it. */
function bound({ after, from }: Place, query: Fragment): { readonly text: string; readonly values: unknown[] } {
  const { text, bind } = render(query);
  return { text, values: bind({ after, from }) };
}

async function rowsOf(client: Client, place: Place, query: Fragment): Promise<readonly Row[]> {
  const { rows } = await queryByContactKey(place.after ?? place.from, () => client.query<Row>(bound(place, query)));
  return rows;
}

/** The tables that a statement reads: it waits for none of them while it holds another. */
function readsOf({ columns }: ShownColumns, matched?: Catalogue): ShownColumns['columns'] {
  if (!matched) return columns;
  return { ...columns, tables: [...new Set([matched.contacts.table, ...columns.tables])] };
}

function memberOf(shown: ShownColumns, row: Row): ListedMember {
  return {
    contactId: row.contact_id,
    enteredAt: row.entered_at,
    reason: row.reason,
    version: row.version,
    values: shownValues(shown, row.printed),
  };
}
