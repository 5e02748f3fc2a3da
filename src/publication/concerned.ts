/**
 * Publishes a catalogue: from the commit on it is the one that counts. The new row, the rebuilds of the segments that mean
 * something else under it, and the new generation come in one transaction. Workers see the generation in their next drain,
 * and read the catalogue before they evaluate.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { newestPublicationId } from '../catalogue/published-catalogue.ts';
import { canonical, type PublishedConfig } from '../catalogue/published-config.ts';
import { rankDefinition } from '../catalogue/resolve-rank.ts';
import type { Client, Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { differingParts, type Fingerprint } from '../followed/fingerprint.ts';
import type { Issue } from '../condition/issue.ts';
import { requestDiffering } from '../lifecycle/request-rebuild.ts';
import { planVersion, type VersionPlan } from '../followed/plan.ts';
import { bumpGeneration } from '../followed/registry.ts';
import type { SegmentKind } from '../lifecycle/state.ts';

/** A live segment that means something else under another catalogue. */
export interface Concerned {
  readonly id: number;
  readonly key: string;
  readonly members: number;
  /** Parts of the catalogue that differ from those its members were built under; `unknown` when segmentd does not know. */
  readonly parts: readonly string[];
  /** Its live version under the catalogue; absent with `issues`. */
  readonly plan?: VersionPlan;
  /** Why its condition does not fit the catalogue. */
  readonly issues: readonly Issue[];
}

interface Row {
  readonly id: number;
  readonly key: string;
  readonly members: string;
  readonly version: number;
  readonly condition: unknown;
  readonly timezone: string | null;
  readonly kind: SegmentKind;
  readonly fingerprint: Fingerprint | null;
}

const LIVE = `
  select s.id, s.key, v.version, v.condition, v.timezone, v.kind, v.fingerprint,
    (select coalesce(sum(c.members), 0) from segmentd_internal.member_count c where c.segment_id = s.id) as members
  from segmentd.segment s join segmentd.segment_version v on v.segment_id = s.id and v.version = s.live_version
  where s.wanted_state = 'live' and segmentd_internal.is_followed(s.state) and s.frozen_at is null
  order by s.key`;

/** Live segments that a catalogue would have rebuilt, or made invalid. Reads only. */
export async function concernedBy(client: Queryable, catalogue: Catalogue): Promise<readonly Concerned[]> {
  const { rows } = await client.query<Row>(LIVE);
  return rows.flatMap(({ id, key, members, version, condition, timezone, kind, fingerprint }): readonly Concerned[] => {
    const planned = planVersion(catalogue, { segmentId: id, version, condition, timezone, kind, overrides: true });
    const about = { id, key, members: Number(members) };
    if (!planned.ok) return [{ ...about, parts: [], issues: planned.issues }];
    const parts = differingParts(fingerprint, planned.plan.fingerprint);
    return parts.length === 0 ? [] : [{ ...about, parts, plan: planned.plan, issues: [] }];
  });
}

/** Under the set-up lock. @param catalogue what the config means in this database */
export async function publishCatalogue(client: Client, config: PublishedConfig, catalogue: Catalogue): Promise<number> {
  return inTransaction(client, { lockTimeout: 5_000, statementTimeout: 60_000 }, async () => {
    await client.query('insert into segmentd_internal.catalogue (config) values ($1::jsonb)', [canonical(config)]);
    const ranks = [...(catalogue.ranks?.values() ?? [])];
    await client.query({
      ...statement('rank-publish'),
      values: [ranks.map(({ name }) => name), ranks.map(rankDefinition)],
    });
    const concerned = await concernedBy(client, catalogue);
    await requestDiffering(
      client,
      new Map(concerned.flatMap(({ id, parts }) => (parts.length === 0 ? [] : [[id, parts]]))),
    );
    await bumpGeneration(client);
    return newestPublicationId(client);
  });
}
