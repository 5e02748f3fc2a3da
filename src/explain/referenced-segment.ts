/**
 * What a segment's verdict on a contact is made of, `in_segment` included: the plans of the segments that it reads, and of
 * those that they read. Today's verdict asks the stored membership of the others, as the worker does; tomorrow's has to
 * ask what theirs will be.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { now } from '../compile/calendar.ts';
import { sql } from '../compile/fragment.ts';
import { predicate } from '../compile/predicate.ts';
import type { SqlScope } from '../compile/scope.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { planVersion, type VersionPlan } from '../followed/plan.ts';
import { edgesOf, type Edge } from '../temporal/edge.ts';
import { contactScope, storedMembership } from './contact-scope.ts';
import { futurePast, NO_FUTURES, type Futures } from './future-past.ts';
import type { SegmentKind } from '../lifecycle/state.ts';

export interface ReferencedSegments {
  readonly idOfKey: ReadonlyMap<string, number>;
  /** Live ones only: membership of the others does not move. */
  readonly planOfKey: ReadonlyMap<string, VersionPlan>;
}

interface Row {
  readonly id: number;
  readonly key: string;
  readonly version: number | null;
  readonly condition: unknown;
  readonly timezone: string | null;
  readonly kind: SegmentKind | null;
  readonly overrides: boolean;
}

/** The segments that the plan reads, and those that they read. */
export async function readReferencedSegments(
  client: Queryable,
  catalogue: Catalogue,
  plan: VersionPlan,
): Promise<ReferencedSegments> {
  const idOfKey = new Map<string, number>();
  const planOfKey = new Map<string, VersionPlan>();
  for (let wanted = new Set(plan.references.segments); wanted.size > 0;) {
    const { rows } = await client.query<Row>({ ...statement('explain-reference'), values: [[...wanted]] });
    wanted = new Set<string>();
    for (const { id, key, version, condition, timezone, kind, overrides } of rows) {
      idOfKey.set(key, id);
      const planned =
        version === null
          ? undefined
          : planVersion(catalogue, { segmentId: id, version, condition, timezone, kind: kind ?? 'dynamic', overrides });
      if (!planned?.ok) continue;
      planOfKey.set(key, planned.plan);
      for (const read of planned.plan.references.segments) if (!idOfKey.has(read)) wanted.add(read);
    }
  }
  return { idOfKey, planOfKey };
}

/** Reads the other segments as they are stored. */
export function storedMemberScope(catalogue: Catalogue, plan: VersionPlan, { idOfKey }: ReferencedSegments): SqlScope {
  return contactScope(
    catalogue,
    plan.timezone,
    storedMembership(catalogue, (key) => idOfKey.get(key) ?? 0),
  );
}

/** An override counts until it expires: here the clock alone ends it, before the worker does. */
const STANDING = sql`(w.expires_at is null or w.expires_at > ${now})`;

/**
 * Reads the other segments by evaluating them, so that all verdicts are of one instant. Their past is the stored one, and
 * what becomes of it until that instant.
 */
export function recomputingScope(
  catalogue: Catalogue,
  plan: VersionPlan,
  references: ReferencedSegments,
  futures: Futures = NO_FUTURES,
): SqlScope {
  const stored = storedMembership(catalogue, (key) => references.idOfKey.get(key) ?? 0);
  return contactScope(
    catalogue,
    plan.timezone,
    {
      member: (key) => {
        const other = references.planOfKey.get(key);
        if (!other) return stored.member(key);
        const scope = recomputingScope(catalogue, other, references, futures);
        // A positive predicate may be NULL where it does not hold, and it stands inside the condition of another.
        return {
          positive: sql`(${predicate(scope, other.condition)})`,
          negative: sql`(${predicate(scope, other.condition, false)})`,
        };
      },
      past: (leaf) => futurePast(leaf, stored.past(leaf), futures.get(leaf.key)),
    },
    STANDING,
  );
}

/** Ids of the segments whose overrides the verdict reads. */
export function segmentsWithOverrides(plan: VersionPlan, { planOfKey }: ReferencedSegments): readonly number[] {
  return [plan, ...planOfKey.values()].filter(({ overrides }) => overrides).map(({ id }) => id);
}

/** All edges by which the verdict can change with time. */
export function edgesWithReferences(
  catalogue: Catalogue,
  plan: VersionPlan,
  { planOfKey }: ReferencedSegments,
): readonly Edge[] {
  const edges = [plan, ...planOfKey.values()].flatMap(({ condition, timezone }) =>
    edgesOf(condition, catalogue, timezone),
  );
  return [...new Map(edges.map((edge) => [edge.key, edge])).values()];
}
