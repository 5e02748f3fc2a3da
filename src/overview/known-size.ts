/**
 * The sizes of all segments, for their order by members. A segment has a count for each shard, so the sum over 10,000 segments reads
 * 640,000 rows (*m* 170 ms of CPU). A process reads them once; afterwards it reads those of segments with events that its last snapshot did
 * not see. Invariant: what `read` returns are the counts of one snapshot, because each change of a count has its events in the same
 * transaction (membership/diff.ts). Reads only.
 */
import { integer, render, sql, type Fragment } from '../compile/fragment.ts';
import { unseenBy } from '../membership/snapshot-cursor.ts';
import type { Queryable } from '../postgres/pool.ts';

/** Numbers of members by id of the segment, as decimal text. A segment without members may be absent. */
export type Sizes = ReadonlyMap<number, string>;

/** With more events all counts are read. */
const MOST_EVENTS = 5_000;
/** Milliseconds after which all counts are read: `forget` erases the events of a contact that has left. */
const MOST_AGE = 60_000;

interface Known {
  readonly snapshot: string;
  readonly sizes: Sizes;
  /** When all counts were read. */
  readonly at: number;
}

interface Row {
  snapshot: string;
  events: number;
  ids: readonly number[];
  members: readonly string[];
}

export class KnownSizes {
  readonly #now: () => number;
  #known: Known | undefined;

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  async read(client: Queryable): Promise<Sizes> {
    const before = this.#known;
    const known =
      before && this.#now() - before.at < MOST_AGE
        ? await this.#readMoved(client, before)
        : await this.#readAll(client);
    this.#known = known;
    return known.sizes;
  }

  async #readMoved(client: Queryable, before: Known): Promise<Known> {
    const row = await readCounts(client, unseenBy(before.snapshot, sql`e.xid`));
    if (row.events > MOST_EVENTS) return this.#readAll(client);
    return { ...before, snapshot: row.snapshot, sizes: new Map([...before.sizes, ...sizesOf(row)]) };
  }

  async #readAll(client: Queryable): Promise<Known> {
    const row = await readCounts(client);
    return { snapshot: row.snapshot, sizes: new Map(sizesOf(row)), at: this.#now() };
  }
}

function sizesOf({ ids, members }: Row): readonly (readonly [number, string])[] {
  return ids.map((id, at) => [id, members[at] ?? '0']);
}

/** @param unseen true for events whose segments are read; absent: all segments are */
async function readCounts(client: Queryable, unseen?: Fragment): Promise<Row> {
  const { text, bind } = render(sql`with event as materialized (
      select e.segment_id from segmentd.membership_event e where ${unseen ?? sql`false`} limit ${integer(MOST_EVENTS + 1)}
    ), size as (
      select c.segment_id, sum(c.members)::text as members from segmentd_internal.member_count c
      where ${unseen ? sql`c.segment_id = any (array(select distinct e.segment_id from event e))` : sql`true`}
      group by c.segment_id
    )
    select pg_catalog.pg_current_snapshot()::text as snapshot, (select count(*)::int from event) as events,
      coalesce(array_agg(s.segment_id), '{}') as ids, coalesce(array_agg(s.members), '{}') as members
    from size s`);
  const { rows } = await client.query<Row>(text, bind());
  const [row] = rows;
  if (!row) throw new Error('an aggregate has one row');
  return row;
}
