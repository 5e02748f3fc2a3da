/**
 * Versions rejected only for what other segments are: a chain that is too long, a cycle, a segment that is not there. When the other
 * segments have changed, and nothing stands against such a version any more, it is proposed again. So each is validated once.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { knownZones } from '../postgres/known-zone.ts';
import type { Queryable } from '../postgres/pool.ts';
import { readReferences } from '../segment/reference-graph.ts';
import { readEventLog } from '../segment/log-reach.ts';
import { versionIssues } from '../segment/version-issues.ts';
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
  const references = await readReferences(client);
  const zones = await knownZones(client, [...new Set(rows.flatMap(({ timezone }) => timezone ?? []))]);
  const log = await readEventLog(client);
  const unblocked = rows.filter((row) => versionIssues(row, { catalogue, zones, log, ...references }).length === 0);
  return unblocked.length === 0 ? 0 : proposeRejected(client, unblocked);
}
