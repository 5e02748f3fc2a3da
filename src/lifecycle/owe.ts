/**
 * Rebuilds that are owed because the catalogue is another than the one under which members were built. They are rows in
 * `rebuild_request`, so that everybody sees them and a `wait` waits for them. Whoever finds one owed writes it down before
 * it works under the new catalogue.
 */
import type { Queryable } from '../postgres/pool.ts';
import { changedSentence } from '../followed/fingerprint.ts';

/** A build that runs is compared with its own catalogue when it ends, so nothing is owed beside it. */
const OWE = `
  insert into segmentd.rebuild_request (segment_id, reason, detail)
  select o.id, 'repair', o.detail
  from unnest($1::int[], $2::text[]) as o(id, detail)
  join segmentd.segment s on s.id = o.id
  where s.wanted_state = 'live' and s.state in ('live', 'building', 'held')
    and not exists (select from segmentd.rebuild_request r where r.segment_id = o.id)
    and not exists (select from segmentd.build b where b.segment_id = o.id and b.phase in ('waiting', 'staging', 'flipping'))`;

/** @param differing segment → the parts that differ. Returns how many rebuilds were not owed before. */
export async function oweRebuilds(
  client: Queryable,
  differing: ReadonlyMap<number, readonly string[]>,
): Promise<number> {
  if (differing.size === 0) return 0;
  const { rowCount } = await client.query(OWE, [[...differing.keys()], [...differing.values()].map(changedSentence)]);
  return rowCount ?? 0;
}
