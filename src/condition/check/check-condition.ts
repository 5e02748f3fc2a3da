/**
 * JsonLogic in, typed condition out, or every issue that it has. Never throws on arbitrary JSON and never guesses: it
 * refuses what is unknown, ambiguous or empty. Each operator has one handler, in one of the check-* files.
 */
import type { Catalogue, Relation } from '../../catalogue/catalogue.ts';
import type { Condition, Operand } from '../ast.ts';
import { admissionsIn, admittedRows, refusedOnWay, type Admissions } from './check-admission.ts';
import {
  type Check,
  type Checked,
  Issues,
  sayKind,
  type Place,
  type Position,
  type NameScope,
} from './check-context.ts';
import { checkComparison } from './check-compare.ts';
import { checkGroup, checkIf, checkNot, checkQuantifier, childOf, valueAsCondition } from './check-group.ts';
import { type Call, callOf } from './check-node.ts';
import { checkWithin } from './check-place.ts';
import { checkInSegment, checkPast } from './check-segment.ts';
import { checkArray, checkEmpty, checkIn, checkText } from './check-set.ts';
import { checkShape } from './check-shape.ts';
import {
  checkAnniversary,
  checkAnniversaryPeriod,
  checkKnownFor,
  checkPeriod,
  checkTense,
  checkWindow,
} from './check-time.ts';
import { checkValue } from './check-value.ts';
import type { Issue } from '../issue.ts';
import { defaultLimits, type Limits, lowered } from '../limit.ts';
import { countEdges, measure } from '../measure.ts';
import { normalise } from '../normalise.ts';
import { type ConditionName, isValueName } from '../operator.ts';
import { isZone, unknownZone } from '../zone.ts';

export interface CheckContext {
  readonly catalogue: Catalogue;
  /** Zone of the segment, checked when given. Absent: the catalogue's zone, which the config's check accepted. */
  readonly timezone?: string;
  /** True for the key of an existing segment. Absent: every key is accepted. */
  readonly segments?: (key: string) => boolean;
  readonly limits?: Partial<Limits>;
  /** Default `segment`. */
  readonly place?: Place;
  /** It is read of the rows of this relation; absent: of the contact. */
  readonly relation?: Relation;
}

/** Checks a condition and makes it canonical. Never throws. @param json anything that JSON.parse can return */
export function checkCondition(json: unknown, context: CheckContext): Checked {
  const limits: Limits = { ...defaultLimits, ...context.limits };
  const issues = new Issues();
  if (context.timezone !== undefined && !isZone(context.timezone)) {
    const { code, pointer, message, hint } = unknownZone(context.timezone);
    issues.report(code, pointer, message, hint);
  }
  if (!checkShape(json, limits, issues)) return { ok: false, issues: issues.all() };
  const c = checkWith(context, limits, issues);
  const condition = c.condition(json, '', context.relation ? { relation: context.relation, around: {} } : {}, 'alone');
  if (issues.found || !condition) return { ok: false, issues: issues.all() };
  const size = measure(condition);
  if (size.nodes > lowered.nodes * limits.nodes || size.depth > lowered.depth * limits.depth) {
    issues.report(
      'too-many-nodes',
      '',
      'The condition is too large when `if`, `all` and lists that an average is compared with are written out.',
      'split it into segments and use `in_segment`',
    );
    return { ok: false, issues: issues.all() };
  }
  const edges = countEdges(condition);
  if (edges > limits.edges) {
    issues.report(
      'too-many-edges',
      '',
      `The condition turns on time at ${edges} edges; at most ${limits.edges} are allowed.`,
      'ask for a range of ages with `<=` instead of a list with gaps, or split it into segments and use `in_segment`',
    );
    return { ok: false, issues: issues.all() };
  }
  return { ok: true, condition: normalise(condition) };
}

export type CheckedOperand =
  | { readonly ok: true; readonly operand: Operand }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** Checks a value of the contact that stands alone: a field, an aggregate, arithmetic. Never throws. */
export function checkOperand(json: unknown, context: CheckContext): CheckedOperand {
  const limits: Limits = { ...defaultLimits, ...context.limits };
  const issues = new Issues();
  if (!checkShape(json, limits, issues)) return { ok: false, issues: issues.all() };
  const operand = checkWith(context, limits, issues).operand(json, '', {});
  return issues.found || !operand ? { ok: false, issues: issues.all() } : { ok: true, operand };
}

/** Which rows of relations count: the `where` of each relation that has one, checked once for a catalogue. */
export function checkAdmissions(catalogue: Catalogue): Admissions {
  const { timezone } = catalogue;
  return admissionsIn(catalogue, (relation) =>
    checkCondition(relation.where, { catalogue, timezone, place: 'relation.where', relation }),
  );
}

/** The rows of a relation that count, as a filter of its rows. */
export function admittedRowsOf(catalogue: Catalogue, relation: string): Condition {
  return admittedRows(catalogue, checkAdmissions(catalogue), relation);
}

function checkWith(context: CheckContext, limits: Limits, issues: Issues): Check {
  const { catalogue } = context;
  const admissions = checkAdmissions(catalogue);
  const reported = new Set<string>();
  let relations = 0;
  const c: Check = {
    catalogue,
    limits,
    place: context.place ?? 'segment',
    ...(context.segments ? { knownSegment: context.segments } : {}),
    issues,
    condition: (node, at, scope, position) => checkNode(c, node, at, scope, position),
    operand: (node, at, scope) => checkValue(c, node, at, scope),
    useRelation(at) {
      relations += 1;
      if (relations === limits.relations + 1) {
        issues.report(
          'too-many-relations',
          at,
          `The condition looks into relations more than ${limits.relations} times.`,
          'combine conditions on the same relation, or split into segments and use `in_segment`',
        );
      }
    },
    admitted(relation, at) {
      const refused = refusedOnWay(catalogue, admissions, relation);
      if (refused && !reported.has(refused.name)) {
        reported.add(refused.name);
        issues.report(
          'relation-where',
          at,
          `The \`where\` of the relation \`${refused.name}\` is refused: ${refused.issue?.message ?? ''}`,
          `change \`relations.${refused.name}.where\` in the config: ${refused.issue?.hint ?? ''}`,
        );
      }
      return admittedRows(catalogue, admissions, relation);
    },
  };
  return c;
}

function checkNode(c: Check, node: unknown, at: string, scope: NameScope, position: Position): Condition | undefined {
  if (typeof node === 'boolean') {
    if (position === 'alone') return { kind: 'constant', value: node };
    return c.issues.report(
      'constant-in-group',
      at,
      `\`${node}\` inside a group decides it or does nothing.`,
      'remove it; `true` alone means every contact',
    );
  }
  if (Array.isArray(node))
    return c.issues.report(
      'wrong-type',
      at,
      'Expected a condition, found a list.',
      'write {"and": [ … ]} or {"or": [ … ]}',
    );
  if (typeof node !== 'object' || node === null)
    return c.issues.report(
      'wrong-type',
      at,
      `Expected a condition, found ${sayKind(node)}.`,
      'write `true` for every contact',
    );
  const call = callOf(c, node, at, 'condition');
  if (!call) return undefined;
  const { name } = call;
  if (isValueName(name)) {
    const operand = c.operand(node, at, scope);
    return operand && valueAsCondition(c, operand, at);
  }
  return handlers[name](c, call, scope);
}

type Handler = (c: Check, call: Call, scope: NameScope) => Condition | undefined;

const handlers: Readonly<Record<ConditionName, Handler>> = {
  and: (c, call, scope) => checkGroup(c, 'and', call, scope),
  or: (c, call, scope) => checkGroup(c, 'or', call, scope),
  '!': checkNot,
  '!!': (c, call, scope) => childOf(c, call.args[0], scope),
  if: checkIf,
  '==': checkComparison,
  '===': checkComparison,
  '!=': checkComparison,
  '!==': checkComparison,
  '<': checkComparison,
  '<=': checkComparison,
  '>': checkComparison,
  '>=': checkComparison,
  in: checkIn,
  has_any: checkArray,
  has_all: checkArray,
  has_only: checkArray,
  starts_with: (c, call, scope) => checkText(c, 'starts_with', call, scope),
  ends_with: (c, call, scope) => checkText(c, 'ends_with', call, scope),
  ieq: (c, call, scope) => checkText(c, 'ieq', call, scope),
  icontains: (c, call, scope) => checkText(c, 'icontains', call, scope),
  istarts_with: (c, call, scope) => checkText(c, 'istarts_with', call, scope),
  iends_with: (c, call, scope) => checkText(c, 'iends_with', call, scope),
  iin: (c, call, scope) => checkText(c, 'iin', call, scope),
  is_empty: checkEmpty,
  in_last: (c, call, scope) => checkWindow(c, 'in_last', call, scope),
  before_last: (c, call, scope) => checkWindow(c, 'before_last', call, scope),
  in_next: (c, call, scope) => checkWindow(c, 'in_next', call, scope),
  is_past: (c, call, scope) => checkTense(c, 'past', call, scope),
  is_future: (c, call, scope) => checkTense(c, 'future', call, scope),
  known_for: checkKnownFor,
  in_period: checkPeriod,
  anniversary_in_next: checkAnniversary,
  anniversary_in_last: checkAnniversary,
  anniversary_in_period: checkAnniversaryPeriod,
  anniversary_today: checkAnniversary,
  within_km: checkWithin,
  some: (c, call, scope) => checkQuantifier(c, 'some', call, scope),
  none: (c, call, scope) => checkQuantifier(c, 'none', call, scope),
  all: (c, call, scope) => checkQuantifier(c, 'all', call, scope),
  in_segment: checkInSegment,
  member_for: (c, call, scope) => checkPast(c, 'member_for', call, scope),
  entered_in_last: (c, call, scope) => checkPast(c, 'entered_in_last', call, scope),
  left_in_last: (c, call, scope) => checkPast(c, 'left_in_last', call, scope),
};
