/** Puts an explanation together: from stored state, plan and facts to what callers receive. Pure. */
import { describe } from '../condition/describe/describe.ts';
import type { StaleReference } from '../segment/stale-reference.ts';
import { resultOf, type ConditionTree } from './condition-tree.ts';
import type { ContactVerdict } from './contact-verdict.ts';
import type { Facts, PlannedExplanation } from './explained-fact.ts';
import type { ExplainedNode, Explanation } from './explanation.ts';
import { actualFamily } from './leaf-detail.ts';
import type { StoredState } from './stored-state.ts';

/** What an explanation is made of. */
interface Parts {
  readonly key: string;
  readonly contact: string;
  readonly stored: StoredState;
  readonly planned: PlannedExplanation;
  readonly facts: Facts;
  /** Time has passed an edge of this contact that was not swept yet. */
  readonly crossed: boolean;
  readonly stale: readonly StaleReference[];
}

/** The answer that callers receive. */
export function explanationOf({ key, contact, stored, planned, facts, crossed, stale }: Parts): Explanation {
  const { segment, contact: state, exists } = stored;
  const { at, outline: parts, verdict, error = null, next } = facts;
  return {
    key,
    contact,
    at,
    segment: {
      state: segment.state,
      version: segment.explained_version,
      live: segment.live_version !== null,
      frozen: segment.frozen_at,
      building: segment.building,
      timezone: planned.ok ? planned.plan.timezone : segment.timezone,
      description: planned.ok ? describe(planned.plan.condition) : null,
      issues: planned.ok ? [] : planned.issues,
      stale,
    },
    exists,
    stored: {
      member: state.entered_at !== null,
      since: state.entered_at ?? state.at,
      reason: state.reason,
      version: state.version,
    },
    // A contact that does not exist matches nothing.
    computed: planned.ok && error === null ? (verdict?.holds ?? false) : null,
    error,
    override: state.override,
    pending: {
      changes: state.changes,
      rechecks: state.rechecks,
      unresolved: state.unresolved,
      crossed,
      rebuild: state.rebuild,
    },
    condition: parts ? explainedNode(parts.root, verdict) : null,
    next,
  };
}

function explainedNode(tree: ConditionTree, verdict: ContactVerdict | undefined): ExplainedNode {
  const result = verdict ? resultOf(tree, verdict.held) : null;
  if (tree.kind !== 'leaf')
    return { kind: tree.kind, result, children: tree.children.map((child) => explainedNode(child, verdict)) };
  const { text, index } = tree;
  return {
    kind: 'leaf',
    text,
    result,
    actual: verdict?.actual[index] ?? null,
    family: actualFamily(tree),
    threshold: verdict?.threshold[index] ?? null,
  };
}
