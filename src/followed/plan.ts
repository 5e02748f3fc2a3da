/**
 * A plan is what a version of a segment means under the current catalogue: its checked condition together with the base filter, and what it
 * reads. Another catalogue makes another plan; a version that no longer fits has issues instead.
 */
import { contactSource, relationSource, type Catalogue, type Table } from '../catalogue/catalogue.ts';
import type { CompiledSegment } from '../compile/statement.ts';
import type { Condition } from '../condition/ast.ts';
import { checkCondition } from '../condition/check/check-condition.ts';
import { checkFilter } from '../condition/check/check-filter.ts';
import type { Issue } from '../condition/issue.ts';
import { normalise } from '../condition/normalise.ts';
import { references, type References } from '../condition/references.ts';
import { edgesOf, type Edge } from '../temporal/edge.ts';
import { fingerprintOf, type Fingerprint } from './fingerprint.ts';
import type { SegmentKind } from '../lifecycle/state.ts';

export interface VersionPlan extends CompiledSegment {
  readonly version: number;
  readonly references: References;
  /** How its members change by time alone. */
  readonly edges: readonly Edge[];
  /** Whether `condition` asks for overrides. */
  readonly overrides: boolean;
  /** The base filter, and what the version says itself. */
  readonly parts: { readonly base: Condition; readonly own: Condition };
  readonly kind: SegmentKind;
  /** What its verdicts depend on beside rows (fingerprint.ts). */
  readonly fingerprint: Fingerprint;
}

export type PlannedVersion =
  | { readonly ok: true; readonly plan: VersionPlan }
  | { readonly ok: false; readonly issues: readonly Issue[] };

export interface PlanInput {
  readonly segmentId: number;
  readonly version: number;
  readonly condition: unknown;
  readonly timezone: string | null;
  /** Default `dynamic`. */
  readonly kind?: SegmentKind;
  /** Whether the condition asks for includes and excludes; a segment that has none is cheaper without. Default no. */
  readonly overrides?: boolean;
}

/** Plans a version. Its keys of other segments are not looked up: segment/version-issues.ts did that before it was accepted. */
export function planVersion(catalogue: Catalogue, input: PlanInput): PlannedVersion {
  const timezone = input.timezone ?? catalogue.timezone;
  // A snapshot has a condition until it is made.
  const listed = input.kind === 'static' || (input.kind === 'snapshot' && input.condition === null);
  const checked = listed
    ? ({ ok: true, condition: listedMembers(input.segmentId) } as const)
    : checkCondition(input.condition, { catalogue, timezone });
  const filter = checkFilter(catalogue);
  if (!checked.ok) return checked;
  if (!filter.ok) {
    return {
      ok: false,
      issues: filter.issues.map((issue) => ({ ...issue, message: `contacts.where: ${issue.message}` })),
    };
  }
  const parts = { base: filter.condition, own: checked.condition };
  const condition = conditionOf(parts, undefined);
  const plan: VersionPlan = {
    id: input.segmentId,
    version: input.version,
    condition,
    timezone,
    references: references(condition, catalogue),
    edges: edgesOf(condition, catalogue, timezone),
    parts,
    kind: input.kind ?? 'dynamic',
    overrides: listed,
    fingerprint: fingerprintOf(catalogue, { ...parts, timezone }),
  };
  return { ok: true, plan: input.overrides === true ? withOverrides(plan) : plan };
}

/** The same plan, whose condition asks for overrides: it is right whether or not there are any. */
export function withOverrides(plan: VersionPlan): VersionPlan {
  if (plan.overrides || plan.kind !== 'dynamic') return plan;
  return { ...plan, overrides: true, condition: conditionOf(plan.parts, plan.id) };
}

/** The base filter overrules includes and excludes, and these overrule the condition. */
function conditionOf({ base, own }: VersionPlan['parts'], overridden: number | undefined): Condition {
  if (overridden === undefined) return normalise({ kind: 'and', children: [base, own] });
  const excluded: Condition = { kind: 'not', child: { kind: 'override', override: 'exclude', segment: overridden } };
  const included: Condition = { kind: 'override', override: 'include', segment: overridden };
  return normalise({
    kind: 'and',
    children: [base, { kind: 'or', children: [included, { kind: 'and', children: [excluded, own] }] }],
  });
}

function listedMembers(segment: number): Condition {
  return { kind: 'override', override: 'member', segment };
}

/** The team's tables that plans read; the contacts are always one of them. */
export function tablesRead(catalogue: Catalogue, plans: Iterable<VersionPlan>): readonly Table[] {
  return tablesOf(catalogue, new Set([...plans].flatMap((plan) => [...sourcesRead(catalogue, plan)])));
}

/** The team's tables of these sources, and the contacts. */
export function tablesOf(catalogue: Catalogue, sources: ReadonlySet<string>): readonly Table[] {
  const relations = [...catalogue.relations.values()].filter((relation) => sources.has(relationSource(relation)));
  return [catalogue.contacts.table, ...relations.map((relation) => relation.table)];
}

/** Keys of the sources that a plan reads; the contacts table is always one of them. */
export function sourcesRead(catalogue: Catalogue, plan: VersionPlan): ReadonlySet<string> {
  return new Set<string>([contactSource(catalogue), ...plan.references.columns.keys(), ...plan.references.rows]);
}
