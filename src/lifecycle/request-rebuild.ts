/**
 * Requests for rebuilds that segmentd makes itself. A request is a row in `rebuild_request`, so that every worker sees it and a
 * `wait` waits for it. The code that finds a rebuild owed writes the request before it works under the new catalogue.
 * Callers ask for theirs in segment/ask-rebuild.ts.
 */
import type { Queryable } from '../postgres/pool.ts';
import { changedSentence } from '../followed/fingerprint.ts';
import type { Reason } from '../membership/reason.ts';

/** One request a segment, whatever stands already: a request that a barrier has read may be too old for this one. */
export async function requestRebuilds(client: Queryable, ids: readonly number[], reason: Reason): Promise<void> {
  await client.query(
    `insert into segmentd_internal.rebuild_request (segment_id, reason) select unnest($1::int[]), $2`,
    [ids, reason],
  );
}

/** A build that runs is compared with its own catalogue when it ends, so nothing is owed beside it. */
const REQUEST_DIFFERING = `
  insert into segmentd_internal.rebuild_request (segment_id, reason, detail)
  select o.id, 'repair', o.detail
  from unnest($1::int[], $2::text[]) as o(id, detail)
  join segmentd.segment s on s.id = o.id
  where s.wanted_state = 'live' and segmentd_internal.is_followed(s.state)
    and not exists (select from segmentd_internal.rebuild_request r where r.segment_id = o.id)
    and not exists (select from segmentd_internal.build b where b.segment_id = o.id and b.phase = 'staging')`;

/**
 * The members of these segments were built under another catalogue than the one of now.
 * @param differing segment → the parts of the catalogue that differ
 * @returns how many rebuilds were not owed before
 */
export async function requestDiffering(
  client: Queryable,
  differing: ReadonlyMap<number, readonly string[]>,
): Promise<number> {
  if (differing.size === 0) return 0;
  const { rowCount } = await client.query(REQUEST_DIFFERING, [
    [...differing.keys()],
    [...differing.values()].map(changedSentence),
  ]);
  return rowCount ?? 0;
}
