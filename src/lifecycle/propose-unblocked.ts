/**
 * Versions that were refused only for what other segments are: a chain that was too long, a circle, a segment that was not
 * there. When the others have changed they are proposed again, if nothing of that holds any more; so each is validated once.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Queryable } from '../postgres/pool.ts';
import { planVersion } from '../followed/plan.ts';
import { readReferences } from '../segment/reference-graph.ts';
import { referenceIssues } from '../segment/reference.ts';
import { proposeRejected } from './write-version.ts';

interface Blocked {
  readonly id: number;
  readonly key: string;
  readonly version: number;
  readonly condition: unknown;
  readonly timezone: string | null;
}

const BLOCKED = `
  select s.id, s.key, v.version, v.condition, v.timezone
  from segmentd.segment s join segmentd.segment_version v on v.segment_id = s.id and v.version = s.version
  where v.state = 'invalid' and s.wanted_state in ('live', 'paused')
    and jsonb_path_exists(v.error, '$.issues[*].code ? (@ == "cycle" || @ == "too-deep" || @ == "unknown-segment")')
  order by s.id`;

/** Returns how many are proposed again. To be called when what is known of the segments has changed. */
export async function proposeUnblocked(client: Queryable, catalogue: Catalogue): Promise<number> {
  const { rows } = await client.query<Blocked>(BLOCKED);
  if (rows.length === 0) return 0;
  const { reads, bound } = await readReferences(client);
  const free = rows.filter(({ id, key, version, condition, timezone }) => {
    const planned = planVersion(catalogue, { segmentId: id, version, condition, timezone }, (other) =>
      reads.has(other),
    );
    return planned.ok && referenceIssues(key, condition, reads, bound).length === 0;
  });
  if (free.length === 0) return 0;
  return proposeRejected(client, free);
}
