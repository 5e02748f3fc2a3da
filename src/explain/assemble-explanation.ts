/** Puts an explanation together: from stored state, plan and facts to what callers receive. Pure. */
import { maskText } from '../base/mask.ts';
import type { Catalogue, Field } from '../catalogue/catalogue.ts';
import { isMasked } from '../catalogue/resolve-display.ts';
import { describe } from '../condition/describe/describe.ts';
import { relationsOf } from '../condition/references.ts';
import type { StaleReference } from '../segment/stale-reference.ts';
import { resultOf, type ConditionTree } from './condition-tree.ts';
import type { ContactVerdict } from './contact-verdict.ts';
import type { Facts, PlannedExplanation } from './explained-fact.ts';
import type { ExplainedNode, Explanation } from './explanation.ts';
import { actualFamily, shownFields, thresholdFields } from './leaf-detail.ts';
import type { StoredState } from './stored-state.ts';

/** What an explanation is made of. */
interface Parts {
  readonly catalogue: Catalogue;
  readonly key: string;
  readonly contact: string;
  readonly stored: StoredState;
  readonly planned: PlannedExplanation;
  readonly facts: Facts;
  /** Time has passed an edge of this contact that was not swept yet. */
  readonly crossed: boolean;
  readonly stale: readonly StaleReference[];
  readonly ranks: Explanation['ranks'];
  /** Values that the catalogue masks are masked. */
  readonly masked: boolean;
}

/** The answer that callers receive. */
export function explanationOf({
  catalogue,
  masked,
  key,
  contact,
  stored,
  planned,
  facts,
  crossed,
  stale,
  ranks,
}: Parts): Explanation {
  const { segment, contact: state, exists } = stored;
  const { at, outline: parts, verdict, error = null, next } = facts;
  const isHidden = (field: Field): boolean => masked && isMasked(catalogue.contacts.display, field);
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
      description: planned.ok ? describe(planned.plan.condition, catalogue) : null,
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
    ranks,
    pending: {
      changes: state.changes,
      rechecks: state.rechecks,
      unresolved: state.unresolved,
      crossed,
      rebuild: state.rebuild,
    },
    condition: parts ? explainedNode(parts.root, verdict, isHidden) : null,
    next,
  };
}

function explainedNode(
  tree: ConditionTree,
  verdict: ContactVerdict | undefined,
  isHidden: (field: Field) => boolean,
): ExplainedNode {
  const result = verdict ? resultOf(tree, verdict.held) : null;
  const { pointer } = tree;
  if (tree.kind !== 'leaf') {
    const children = tree.children.map((child) => explainedNode(child, verdict, isHidden));
    return { kind: tree.kind, pointer, result, children };
  }
  const { text, index, negated, condition } = tree;
  const actual = verdict?.actual[index] ?? null;
  const threshold = verdict?.threshold[index] ?? null;
  const masked = shownFields(condition).some(isHidden);
  const masksThreshold = thresholdFields(condition).some(isHidden);
  const [relation = null] = relationsOf(condition);
  return {
    kind: 'leaf',
    pointer,
    text,
    result,
    actual: masked && actual !== null ? maskText(actual) : actual,
    family: actualFamily(tree),
    threshold: masksThreshold && threshold !== null ? maskText(threshold) : threshold,
    negated,
    relation,
    masked,
  };
}
