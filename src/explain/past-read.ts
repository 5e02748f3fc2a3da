/** The segments whose past a verdict reads, and the instants at which a turn of theirs counts. Pure. */
import { walk } from '../condition/shape.ts';
import type { ConditionOf } from '../condition/ast.ts';
import type { VersionPlan } from '../followed/plan.ts';
import type { LaterInstant } from './flip-candidate.ts';
import type { Futures } from './future-past.ts';
import type { ReferencedSegments } from './referenced-segment.ts';

interface PastRead {
  readonly key: string;
  readonly plan: VersionPlan;
}

/** What the plan and the segments that it reads ask of the past. */
function leavesOf(plan: VersionPlan, { planOfKey }: ReferencedSegments): readonly ConditionOf<'past'>[] {
  const found: ConditionOf<'past'>[] = [];
  const seen = new Set<VersionPlan>();
  const visit = (one: VersionPlan): void => {
    if (seen.has(one)) return;
    seen.add(one);
    walk(one.condition, (node) => {
      if (node.kind === 'past') found.push(node);
    });
    for (const key of one.references.segments) {
      const read = planOfKey.get(key);
      if (read) visit(read);
    }
  };
  visit(plan);
  return found;
}

/** The segments whose past counts, each after those whose past counts for itself. */
export function readInOrder(plan: VersionPlan, references: ReferencedSegments): readonly PastRead[] {
  const ordered = new Map<string, PastRead>();
  const visiting = new Set<string>();
  const visit = (reader: VersionPlan): void => {
    for (const { key } of leavesOf(reader, references)) {
      const read = references.planOfKey.get(key);
      // Live versions may read each other in a cycle between two flips.
      if (!read || visiting.has(key) || ordered.has(key)) continue;
      visiting.add(key);
      visit(read);
      ordered.set(key, { key, plan: read });
    }
  };
  visit(plan);
  return [...ordered.values()];
}

/** Where a window over the past turns, because the contact enters or leaves at an instant to come: then, and a window later. */
export function instantsOfTurns(
  plan: VersionPlan,
  references: ReferencedSegments,
  futures: Futures,
): readonly LaterInstant[] {
  const found = new Map<string, LaterInstant>();
  for (const { key, seconds } of leavesOf(plan, references)) {
    for (const { at } of futures.get(key) ?? [])
      for (const after of [0, seconds]) found.set(`${at} ${after}`, { at, seconds: after });
  }
  return [...found.values()];
}
