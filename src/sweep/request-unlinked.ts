/**
 * Requests rebuilds of segments whose live version lacks the link to an edge that it has under this catalogue: their
 * members were computed before the edge was known. The rebuild of the same version links the edge and corrects the
 * members.
 */
import type { Queryable } from '../postgres/pool.ts';
import type { RegistryView } from '../followed/registry.ts';

const REQUEST = `
  insert into segmentd_internal.rebuild_request (segment_id, reason)
  select s.id, 'repair' from segmentd.segment s
  where s.id = any ($1::int[]) and segmentd_internal.is_followed(s.state) and s.wanted_state = 'live'
    and not exists (select from segmentd_internal.rebuild_request r where r.segment_id = s.id)
    and not exists (select from segmentd_internal.build b where b.segment_id = s.id and b.phase = 'staging' and b.version = s.live_version)`;

export async function requestUnlinked(client: Queryable, edges: RegistryView['edges']): Promise<number> {
  if (edges.unlinked.length === 0) return 0;
  return (await client.query(REQUEST, [edges.unlinked])).rowCount ?? 0;
}
