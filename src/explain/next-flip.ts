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
}

interface Row {
  readonly flip: string | null;
  readonly searched: string;
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
  const query = flipCandidates(
    catalogue,
    edgesWithReferences(catalogue, plan, references),
    segmentsWithOverrides(plan, references),
  );
  if (!query) return {};
  const { text, bind } = render(flipQuery(catalogue, plan, references, query));
  const until = await client.query<{ until: string }>(
    `select ($1::timestamptz + make_interval(hours => $2))::text as until`,
    [at, horizon * 24],
  );
  const { rows } = await client.query<Row>(text, bind({ now: at, until: until.rows[0]?.until, contact }));
  const row = rows[0];
  if (!row) return {};
  return { searched: row.searched, ...(row.flip === null ? {} : { flip: row.flip }) };
}

function flipQuery(
  catalogue: Catalogue,
  plan: VersionPlan,
  references: ReferencedSegments,
  candidate: Fragment,
): Fragment {
  const holds = predicate(recomputingScope(catalogue, plan, references), plan.condition);
  const row = sql`from ${contactTable(catalogue)} where ${contactKey(catalogue)} = ${param('contact', 'segmentd.contact_key')}`;
  // The candidates come sorted, so the search ends at the first that differs.
  return sql`with ${candidate},
present (holds) as materialized (select (${holds}) is true ${row})
select (
    select ${instantText(sql`t.at`)}
    from (select candidate.at from candidate order by candidate.at offset 0) as t
    cross join lateral (select (${fill(holds, 'now', sql`t.at`)}) is true as holds ${row}) as later
    where later.holds <> (select present.holds from present)
    order by t.at limit 1
  ) as flip,
  (select ${instantText(sql`case when c.many then c.last else ${param('until', 'timestamptz')} end`)}
   from (select count(*) > ${integer(MOST_CANDIDATES)} as many, max(candidate.at) as last from candidate) as c) as searched`;
}
