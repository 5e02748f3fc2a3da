/**
 * B0 of PROTOCOL.md.
 * Which builds are owed. Postgres is the truth; the queue only says when to look. A build waits until every segment it
 * refers to has a live version (else `not in_segment x` would admit every contact), none of them still follows a
 * version that reads it back (an edit took that out and is not live yet), and every source it reads is captured.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { planVersion, sourcesRead } from '../followed/plan.ts';
import { pathTo } from '../segment/reference.ts';
import type { Registry, RegistryView } from '../followed/registry.ts';
import { REASONS } from '../membership/reason.ts';
import type { Owed } from './build.ts';
import type { SegmentKind } from '../lifecycle/state.ts';

interface Row {
  readonly id: number;
  readonly key: string;
  readonly live_version: number | null;
  readonly version: number;
  readonly condition: unknown;
  readonly timezone: string | null;
  readonly kind: SegmentKind;
  readonly reason: string;
}

const SELECT_LIVE = `select s.key from segmentd.segment s where s.live_version is not null and s.state <> 'deleted'`;
const SELECT_CAPTURED = 'select so.key from segmentd_internal.source so where so.installed_at is not null';

/** Rows a look. Those that cannot begin yet are among them, and may be any number. */
const PAGE = 100;

/** @param except segments that were tried a moment ago */
export async function owedBuilds(
  client: Queryable,
  registry: Registry,
  except: readonly number[],
  limit: number,
): Promise<Owed[]> {
  const owed: Owed[] = [];
  const seen = [...except];
  // One for all of them: they share a scan.
  const { catalogue } = registry;
  while (owed.length < limit) {
    const { rows } = await client.query<Row>({ ...statement('owed-build'), values: [seen, PAGE] });
    if (rows.length > 0) owed.push(...(await possible(client, registry, catalogue, rows, limit - owed.length)));
    if (rows.length < PAGE) break;
    seen.push(...rows.map((row) => row.id));
  }
  return owed;
}

/** The first of them that can begin now. */
async function possible(
  client: Queryable,
  registry: Registry,
  catalogue: Catalogue,
  rows: readonly Row[],
  limit: number,
): Promise<Owed[]> {
  const live = new Set((await client.query<{ key: string }>(SELECT_LIVE)).rows.map((row) => row.key));
  const captured = new Set((await client.query<{ key: string }>(SELECT_CAPTURED)).rows.map((row) => row.key));
  const followed = followedReads(await registry.current(client));
  const owed: Owed[] = [];
  for (const row of rows) {
    if (owed.length === limit) break;
    const planned = planVersion(catalogue, {
      segmentId: row.id,
      version: row.version,
      condition: row.condition,
      timezone: row.timezone,
      kind: row.kind,
    });
    if (!planned.ok) continue;
    const { plan } = planned;
    if (![...plan.references.segments].every((key) => live.has(key) && pathTo(row.key, key, followed) === undefined))
      continue;
    if (![...sourcesRead(catalogue, plan)].every((key) => captured.has(key))) continue;
    const edited = row.live_version !== row.version;
    // Members of a static segment are overrides.
    const reason = edited
      ? row.kind === 'static'
        ? 'manual'
        : 'edit'
      : (REASONS.find((known) => known === row.reason) ?? 'repair');
    owed.push({ id: row.id, key: row.key, liveVersion: row.live_version, reason, plan, catalogue });
  }
  return owed;
}

/** Key → keys that its live version or a running build reads. */
function followedReads({ segments }: RegistryView): ReadonlyMap<string, readonly string[]> {
  return new Map(
    [...segments.values()].map(({ key, live, building }) => [
      key,
      [...(live?.references.segments ?? []), ...(building?.plan.references.segments ?? [])],
    ]),
  );
}
