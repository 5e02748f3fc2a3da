/**
 * When a contact's verdict changes next if no row changes: the first candidate instant at which the verdict differs from
 * now. Postgres finds it in one statement that stops there. Exact to the microsecond: no leaf changes between two
 * candidates, and every leaf changes exactly at one.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { fill, integer, render, param, sql, type Fragment } from '../compile/fragment.ts';
import { predicate } from '../compile/predicate.ts';
import type { Queryable } from '../postgres/pool.ts';
import type { VersionPlan } from '../followed/plan.ts';
import { flipCandidates, MOST_CANDIDATES } from './flip-candidate.ts';
import { type Futures, type Turn } from './future-past.ts';
import { instantsOfTurns, readInOrder } from './past-read.ts';
import { instantText } from './value-text.ts';
import {
  edgesWithReferences,
  recomputingScope,
  segmentsWithOverrides,
  type ReferencedSegments,
} from './referenced-segment.ts';
import { contactKey, contactTable } from './contact-scope.ts';

export interface FlipSearch {
  /** Text in ISO 8601 with microseconds; so is `searched`. Undefined: not up to `searched`. */
  readonly flip?: string;
  /** Up to this instant there is no other flip; undefined when time alone can never change the verdict. */
  readonly searched?: string;
  /** What becomes of the segments whose past the verdict reads. */
  readonly futures: Futures;
}

/** What is searched: one contact, from an instant on. */
interface Search {
  readonly client: Queryable;
  readonly catalogue: Catalogue;
  readonly references: ReferencedSegments;
  readonly contact: string;
  readonly at: string;
  readonly until: string | undefined;
}

/** Finds the next flip. @param at instant of the verdict now @param horizon days to look ahead */
export async function findNextFlip(
  client: Queryable,
  catalogue: Catalogue,
  plan: VersionPlan,
  references: ReferencedSegments,
  contact: string,
  at: string,
  horizon: number,
): Promise<FlipSearch> {
  const { rows: ends } = await client.query<{ until: string }>(
    `select ($1::timestamptz + make_interval(hours => $2))::text as until`,
    [at, horizon * 24],
  );
  const search: Search = { client, catalogue, references, contact, at, until: ends[0]?.until };
  const futures = new Map<string, readonly Turn[]>();
  for (const read of readInOrder(plan, references)) futures.set(read.key, await readTurns(search, read.plan, futures));
  const verdicts = verdictsOf(search, plan, futures);
  if (!verdicts) return { futures };
  const { text, bind } = render(sql`${verdicts}
select (
    select ${instantText(sql`t.at`)}
    from (select candidate.at from candidate order by candidate.at offset 0) as t
    cross join lateral (${laterVerdict(search, plan, futures)}) as later
    where later.holds <> (select present.holds from present)
    order by t.at limit 1
  ) as flip,
  (select ${instantText(sql`case when c.many then c.last else ${param('until', 'timestamptz')} end`)}
   from (select count(*) > ${integer(MOST_CANDIDATES)} as many, max(candidate.at) as last from candidate) as c) as searched`);
  const { rows } = await client.query<{ flip: string | null; searched: string }>(text, bind(paramsOf(search)));
  const [row] = rows;
  if (!row) return { futures };
  return { futures, searched: row.searched, ...(row.flip === null ? {} : { flip: row.flip }) };
}

/** When the contact enters and leaves a segment until the end of the search, if no row changes. */
async function readTurns(search: Search, plan: VersionPlan, futures: Futures): Promise<readonly Turn[]> {
  const verdicts = verdictsOf(search, plan, futures);
  if (!verdicts) return [];
  const { text, bind } = render(sql`${verdicts}, timeline (at, holds) as (
  select ${param('now', 'timestamptz')}, present.holds from present
  union all
  select t.at, later.holds from candidate as t cross join lateral (${laterVerdict(search, plan, futures)}) as later
)
select turn.at::text as at, turn.holds as enters
from (select l.at, l.holds, lag(l.holds) over (order by l.at) as before from timeline as l) as turn
where turn.holds <> turn.before
order by turn.at`);
  return (await search.client.query<Turn>(text, bind(paramsOf(search)))).rows;
}

function paramsOf({ at, until, contact }: Search): Readonly<Record<string, unknown>> {
  return { now: at, until, contact };
}

/** CTEs that end in `candidate (at)` and `present (holds)`; undefined when time alone never changes the verdict. */
function verdictsOf(search: Search, plan: VersionPlan, futures: Futures): Fragment | undefined {
  const { catalogue, references } = search;
  const candidate = flipCandidates(
    catalogue,
    edgesWithReferences(catalogue, plan, references),
    segmentsWithOverrides(plan, references),
    instantsOfTurns(plan, references, futures),
  );
  if (!candidate) return undefined;
  return sql`with ${candidate},
present (holds) as materialized (select (${holdsOf(search, plan, futures)}) is true ${rowOf(search)})`;
}

/** The candidates come sorted as `t`, so a search ends at the first that differs. */
function laterVerdict(search: Search, plan: VersionPlan, futures: Futures): Fragment {
  return sql`select (${fill(holdsOf(search, plan, futures), 'now', sql`t.at`)}) is true as holds ${rowOf(search)}`;
}

function holdsOf({ catalogue, references }: Search, plan: VersionPlan, futures: Futures): Fragment {
  return predicate(recomputingScope(catalogue, plan, references, futures), plan.condition);
}

function rowOf({ catalogue }: Search): Fragment {
  return sql`from ${contactTable(catalogue)} where ${contactKey(catalogue)} = ${param('contact', 'segmentd.contact_key')}`;
}
