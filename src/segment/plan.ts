/**
 * A plan is what a version of a segment means under the current catalogue: its checked condition with the base filter
 * and-ed in, and what it reads. Made anew when the catalogue changes; a version that no longer checks has issues instead.
 */
import { contactSource, type Catalogue } from '../catalogue/catalogue.ts';
import type { CompiledSegment } from '../compile/statement.ts';
import type { Condition } from '../condition/ast.ts';
import { checkCondition } from '../condition/check.ts';
import type { Issue } from '../condition/issue.ts';
import { normalise } from '../condition/normalise.ts';
import { references, type References } from '../condition/references.ts';
import { edgesOf, type Edge } from '../temporal/edge.ts';

export interface Plan extends CompiledSegment {
  readonly version: number;
  readonly references: References;
  /** How its members change by time alone. */
  readonly edges: readonly Edge[];
}

export type Planned = { readonly ok: true; readonly plan: Plan } | { readonly ok: false; readonly issues: readonly Issue[] };

export interface PlanInput {
  readonly segmentId: number;
  readonly version: number;
  readonly condition: unknown;
  readonly timezone: string | null;
}

/**
 * @param known says whether a segment key may be referenced; every key passes when absent (already accepted versions).
 */
export function planVersion(catalogue: Catalogue, input: PlanInput, known?: (key: string) => boolean): Planned {
  const timezone = input.timezone ?? catalogue.timezone;
  const context = { catalogue, timezone, ...(known ? { segments: known } : {}) };
  const checked = checkCondition(input.condition, context);
  const filter: { ok: true; condition: Condition } | { ok: false; issues: readonly Issue[] } =
    catalogue.contacts.where === undefined
      ? { ok: true, condition: { kind: 'constant', value: true } }
      : checkCondition(catalogue.contacts.where, { ...context, timezone: catalogue.timezone });
  if (!checked.ok) return checked;
  if (!filter.ok) {
    return { ok: false, issues: filter.issues.map((issue) => ({ ...issue, message: `contacts.where: ${issue.message}` })) };
  }
  const condition = normalise({ kind: 'and', children: [filter.condition, checked.condition] });
  return {
    ok: true,
    plan: {
      id: input.segmentId,
      version: input.version,
      condition,
      timezone,
      references: references(condition, catalogue),
      edges: edgesOf(condition, catalogue, timezone),
    },
  };
}

/** Keys of the sources that a plan reads; the contacts table is always one of them. */
export function sourcesRead(catalogue: Catalogue, plan: Plan): ReadonlySet<string> {
  return new Set<string>([contactSource(catalogue), ...plan.references.columns.keys(), ...plan.references.rows]);
}
