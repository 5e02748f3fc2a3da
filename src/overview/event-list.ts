/** Who entered and left, the newest first: of one segment, of one contact, or of both. Reads only. */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { integer, join, param, render, sql, type Fragment } from '../compile/fragment.ts';
import { contactJoin, printedColumns, readPrinted, type Printed } from '../export/printed-row.ts';
import { queryByContactKey } from '../membership/contact-key.ts';
import type { Reason } from '../membership/reason.ts';
import { pastSegmentIdOf } from '../membership/segment-id.ts';
import type { Pool } from '../postgres/pool.ts';
import { causesOf, type Caused, type EventCause } from './event-cause.ts';
import { shownColumns, shownValues, type ShownOptions, type ShownValues } from './shown-column.ts';

export interface ListedEvent {
  readonly id: string;
  readonly segment: string;
  readonly segmentName: string | null;
  readonly contactId: string;
  readonly change: 'entered' | 'left';
  /** ISO 8601 with microseconds, UTC. */
  readonly at: string;
  readonly reason: Reason;
  readonly version: number;
  /** What changed; null when it is not known, as for builds and overrides. */
  readonly cause: EventCause | null;
  readonly values: ShownValues;
}

/** The place of an event in the list. */
export interface EventPlace {
  readonly at: string;
  readonly contact: string;
  readonly id: string;
}

export interface EventListOptions extends ShownOptions {
  /** Key of the segment, also of a deleted one. */
  readonly segment?: string;
  readonly contact?: string;
  /** Default 50. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly after?: EventPlace;
}

export interface EventListPage {
  readonly events: readonly ListedEvent[];
  readonly next: EventPlace | null;
}

interface Row extends Caused {
  readonly id: string;
  readonly name: string | null;
  readonly contact_id: string;
  readonly kind: 'entered' | 'left';
  readonly at: string;
  readonly printed: Printed;
}

const PAGE = 50;
const TIMEOUTS = { statementTimeout: 10_000, patience: 3_000 } as const;

/** @throws {Failure} `not-found` for the segment; `usage`; `permission` */
export async function listEvents(pool: Pool, catalogue: Catalogue, options: EventListOptions): Promise<EventListPage> {
  const { segment, contact, limit = PAGE, after } = options;
  const shown = await shownColumns(pool, catalogue, options);
  const { columns } = shown;
  const wanted = [
    ...(segment === undefined ? [] : [sql`v.segment_id = ${integer(await pastSegmentIdOf(pool, segment))}`]),
    ...(contact === undefined ? [] : [sql`v.contact_id = ${param('contact', 'text')}::segmentd.contact_key`]),
    ...(after === undefined ? [] : [BEHIND]),
  ];
  // The index of a segment's events has this order. A first build writes a million events of one instant.
  const events = sql`select v.id, v.segment_id, v.contact_id, v.kind, v.reason, v.version, v.source, v.mask, v.at from segmentd.membership_event v
    where ${join(wanted, sql` and `)} order by v.at desc, v.contact_id desc, v.id desc limit ${integer(limit + 1)}`;
  const { text, bind } =
    render(sql`select r.id::text as id, s.key, s.name, r.contact_id::text as contact_id, r.kind, r.reason, r.version, r.source, r.mask::text as mask,
      to_char(r.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at, ${printedColumns(columns)} as printed
    from (${events}) as r join segmentd.segment s on s.id = r.segment_id${contactJoin(catalogue, columns)}
    order by r.at desc, r.contact_id desc, r.id desc`);
  const rows = await readPrinted(pool, columns, TIMEOUTS, async (client) => {
    const params = { contact, after_at: after?.at, after_contact: after?.contact, after_id: after?.id };
    return (await queryByContactKey(contact ?? after?.contact ?? null, () => client.query<Row>(text, bind(params))))
      .rows;
  });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const causes = await causesOf(pool, catalogue, page);
  return {
    events: page.map(({ id, key, name, contact_id, kind, at, reason, version, printed }, index) => ({
      id,
      at,
      reason,
      version,
      cause: causes[index] ?? null,
      segment: key,
      segmentName: name,
      contactId: contact_id,
      change: kind,
      values: shownValues(shown, printed),
    })),
    next: last && rows.length > limit ? { at: last.at, contact: last.contact_id, id: last.id } : null,
  };
}

const BEHIND: Fragment = sql`(v.at, v.contact_id, v.id) < (${param('after_at', 'timestamptz')}, ${param('after_contact', 'text')}::segmentd.contact_key, ${param('after_id', 'bigint')})`;
