/**
 * Who was in a segment at an instant, or differs between then and now, page by page in order of the key. The events of one
 * contact alternate, so an odd number of them since then means a change. A page looks at a range of keys that holds enough
 * members of now; where that gives too few rows, the next range follows. Reads only.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { ident, integer, param, render, sql, tableName, type Fragment } from '../compile/fragment.ts';
import { contactJoin, printedColumns, readPrinted, type Printed } from '../export/printed-row.ts';
import { queryByContactKey } from '../membership/contact-key.ts';
import type { Reason } from '../membership/reason.ts';
import { beforeLog, instantOf } from '../membership/members-as-of.ts';
import { pastSegmentIdOf } from '../membership/segment-id.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { FIND_PAGE, searching, type SlowSearch } from './contact-find.ts';
import { shownColumns, shownValues, type ShownOptions, type ShownValues } from './shown-column.ts';

/** All instants are ISO 8601 with microseconds, UTC. */
export interface PastMember {
  readonly contactId: string;
  /** Of the stay that counts: the one then, or for who is new the one now. Null when the history no longer reaches back so far. */
  readonly enteredAt: string | null;
  readonly reason: Reason | null;
  readonly version: number | null;
  /** When who was in then left first; null when that did not happen. */
  readonly leftAt: string | null;
  readonly values: ShownValues;
}

export interface PastMemberOptions extends ShownOptions {
  /** `new`: who is in now and was not then. `left`: who was in then and is not now. Default: who was in then. */
  readonly change?: 'new' | 'left';
  /** A key, or a text of a displayed column. */
  readonly find?: string;
  /** Default 50. */
  readonly limit?: number;
  /** The last key of the page before. */
  readonly after?: string;
}

export interface PastMemberPage {
  readonly members: readonly PastMember[];
  /** Null on the last page. */
  readonly next: string | null;
  readonly slow: SlowSearch | null;
}

const TIMEOUTS = { statementTimeout: 30_000, patience: 3_000 } as const;
/** Members of now in the range of a page, for each row of the page. */
const WIDTH = 4;

interface Row {
  readonly contact_id: string;
  readonly entered_at: string | null;
  readonly reason: Reason | null;
  readonly version: number | null;
  readonly left_at: string | null;
  readonly printed: Printed;
}

/**
 * @param time as Postgres reads it, UTC where no zone is given
 * @throws {Failure} `not-found`; `usage` for what is no time, lies ahead, or before the history begins; `permission`; `too-slow`
 */
export async function listPastMembers(
  pool: Pool,
  catalogue: Catalogue,
  key: string,
  time: string,
  options: PastMemberOptions = {},
): Promise<PastMemberPage> {
  const { change, find, limit = FIND_PAGE, after } = options;
  const segment = await pastSegmentIdOf(pool, key);
  const at = await instantOf(pool, time);
  const shown = await shownColumns(pool, catalogue, options);
  const { columns } = shown;
  const { rows, slow } = await searching(catalogue, find, options.reveal ?? false, ({ match, timeouts }) => {
    const matched = match && matchedKeys(catalogue, match);
    const reads = {
      ...columns,
      tables: match ? [...new Set([catalogue.contacts.table, ...columns.tables])] : columns.tables,
    };
    return readPrinted(pool, reads, match ? timeouts : TIMEOUTS, async (client) => {
      await client.query('select segmentd_internal.events_reach($1::timestamptz)', [at]);
      const ids = await readIds(client, { segment, at, change, matched, limit: limit + 1, after: after ?? null });
      const { text, bind } =
        render(sql`select r.contact_id::text as contact_id, ${INSTANT(sql`e.at`)} as entered_at, e.reason, e.version,
          ${INSTANT(sql`l.at`)} as left_at, ${printedColumns(columns)} as printed
        from unnest(${param('ids', 'segmentd.contact_key[]')}) as r(contact_id)
        left join lateral (${stay(segment, change)}) as e on true
        left join lateral (${firstLeft(segment)}) as l on true${contactJoin(catalogue, columns)}
        order by r.contact_id`);
      return (await client.query<Row>(text, bind({ ids, at }))).rows;
    }).catch((error: unknown) => {
      throw beforeLog(error) ?? error;
    });
  });
  const members = rows.slice(0, limit).map(({ contact_id, entered_at, left_at, reason, version, printed }) => ({
    contactId: contact_id,
    enteredAt: entered_at,
    reason,
    version,
    leftAt: change === 'new' ? null : left_at,
    values: shownValues(shown, printed),
  }));
  return { members, next: rows.length > limit ? (members.at(-1)?.contactId ?? null) : null, slow };
}

const INSTANT = (at: Fragment): Fragment => sql`to_char(${at} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** The events of the contact in this segment. The index of contacts finds them; `offset 0` keeps the planner from that of instants. */
function eventsOf(segment: number, kind: Fragment): Fragment {
  return sql`(select i.id, i.at, i.reason, i.version from segmentd.membership_event i
    where i.segment_id = ${integer(segment)} and i.contact_id = r.contact_id and i.kind = ${kind} offset 0) as i`;
}

function stay(segment: number, change: PastMemberOptions['change']): Fragment {
  const then = change === 'new' ? sql`` : sql` where i.at <= ${param('at', 'timestamptz')}`;
  return sql`select i.at, i.reason, i.version from ${eventsOf(segment, sql`'entered'`)}${then} order by i.at desc, i.id desc limit 1`;
}

function firstLeft(segment: number): Fragment {
  return sql`select i.at from ${eventsOf(segment, sql`'left'`)} where i.at > ${param('at', 'timestamptz')} order by i.at, i.id limit 1`;
}

interface Wanted {
  readonly segment: number;
  readonly at: string;
  readonly change: PastMemberOptions['change'];
  readonly matched: Fragment | undefined;
  readonly limit: number;
  readonly after: string | null;
}

/** Keys in order, range by range. */
async function readIds(client: Client, wanted: Wanted): Promise<readonly string[]> {
  const { matched, segment, limit } = wanted;
  const ids: string[] = [];
  for (let after = wanted.after; ;) {
    const bound = matched ? null : await boundOf(client, segment, after, limit * WIDTH);
    const { text, bind } = render(sql`select x.contact_id::text as contact_id
      from (${differing(wanted, { after: after !== null, bound: bound !== null })}) x
      order by x.contact_id limit ${integer(limit - ids.length)}`);
    const { rows } = await queryByContactKey(after, () =>
      client.query<{ contact_id: string }>(text, bind({ at: wanted.at, after, bound })),
    );
    ids.push(...rows.map(({ contact_id }) => contact_id));
    if (ids.length >= limit || bound === null) return ids;
    after = bound;
  }
}

async function boundOf(client: Client, segment: number, after: string | null, width: number): Promise<string | null> {
  const { text, bind } = render(sql`select m.contact_id::text as contact_id from segmentd.membership m
    where m.segment_id = ${integer(segment)}${after === null ? sql`` : sql` and m.contact_id > ${param('after', 'text')}::segmentd.contact_key`}
    order by m.contact_id offset ${integer(width)} limit 1`);
  const { rows } = await queryByContactKey(after, () => client.query<{ contact_id: string }>(text, bind({ after })));
  return rows[0]?.contact_id ?? null;
}

interface Ends {
  readonly after: boolean;
  readonly bound: boolean;
}

/** Who was in then, or who of them moved. */
function differing({ segment, change, matched }: Wanted, ends: Ends): Fragment {
  const id = integer(segment);
  const at = param('at', 'timestamptz');
  const range = (of: Fragment): Fragment => {
    const above = ends.after ? sql` and ${of}.contact_id > ${param('after', 'text')}::segmentd.contact_key` : sql``;
    const below = ends.bound ? sql` and ${of}.contact_id <= ${param('bound', 'text')}::segmentd.contact_key` : sql``;
    return sql`${above}${below}${matched ? sql` and ${of}.contact_id in (${matched})` : sql``}`;
  };
  const events = sql`select v.contact_id from segmentd.membership_event v where v.segment_id = ${id} and v.at > ${at}${range(sql`v`)}`;
  const isMember = sql`exists (select from segmentd.membership n where n.segment_id = ${id} and n.contact_id = s.contact_id)`;
  const moved = (sides: Fragment): Fragment =>
    sql`select s.contact_id from (${sides}) s group by s.contact_id having count(*) % 2 = 1`;
  if (change !== undefined)
    return sql`select s.contact_id from (${moved(events)}) s where ${change === 'new' ? sql`` : sql`not `}${isMember}`;
  return sql`select m.contact_id from segmentd.membership m where m.segment_id = ${id} and m.entered_at <= ${at}${range(sql`m`)}
    union all
    ${moved(sql`${events} union all select m.contact_id from segmentd.membership m where m.segment_id = ${id} and m.entered_at > ${at}${range(sql`m`)}`)}`;
}

function matchedKeys({ contacts: { table, key } }: Catalogue, match: Fragment): Fragment {
  return sql`select c.${ident(key.column)}::segmentd.contact_key from ${tableName(table)} as c where ${match}`;
}
