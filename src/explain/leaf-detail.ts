/**
 * What a person reads of a leaf beside its verdict: the value that the contact has, and what the value is compared with.
 * One row for each kind of leaf. Both are read in the statement that reads the verdict. Pure.
 */
import type { Family, Field } from '../catalogue/catalogue.ts';
import { integer, sql, value, type Fragment } from '../compile/fragment.ts';
import { operandScalar } from '../compile/predicate.ts';
import type { SqlScope } from '../compile/scope.ts';
import type { ConditionOf, LeafCondition, Operand } from '../condition/ast.ts';
import { describeList, describeValue, describeValues } from '../condition/describe/describe-operand.ts';
import { typeOfOperand } from '../condition/operand.ts';
import type { ExplainedLeaf } from './condition-tree.ts';
import { contactKey, countRows } from './contact-scope.ts';
import { anniversaryText, instantText, NO_TEXT, periodText, scalarText, textValue, windowText } from './value-text.ts';

/** SQL expressions of type text; NULL: missing, or nothing to show. */
export interface LeafDetail {
  readonly actual: Fragment;
  readonly threshold: Fragment;
}

/** How one kind of leaf is shown. */
interface Row<C extends LeafCondition> {
  /** Of the actual value; text is quoted for people. */
  family(leaf: C): Family;
  /** SQL of type text: the contact's value. */
  actual(leaf: C, scope: SqlScope): Fragment;
  /** SQL of type text: what the value is compared with, bounds of time worked out. */
  threshold(leaf: C, scope: SqlScope, negated: boolean): Fragment;
}

const nothing = (): Fragment => NO_TEXT;
const other = (): Family => 'other';

function ofOperand<C extends LeafCondition>(
  operandOf: (leaf: C) => Operand,
  threshold: Row<C>['threshold'] = nothing,
): Row<C> {
  return {
    family: (leaf) => operandFamily(operandOf(leaf)),
    actual: (leaf, scope) => scalarText(operandScalar(scope, operandOf(leaf))),
    threshold,
  };
}

function ofField<C extends LeafCondition & { readonly field: Field }>(
  threshold: Row<C>['threshold'] = nothing,
): Row<C> {
  return ofOperand<C>(({ field }) => ({ kind: 'field', field }), threshold);
}

const rows: { readonly [K in LeafCondition['kind']]: Row<ConditionOf<K>> } = {
  constant: { family: other, actual: nothing, threshold: nothing },
  compare: ofOperand<ConditionOf<'compare'>>(
    ({ left }) => left,
    ({ right }, scope) =>
      right.kind === 'literal' ? textValue(describeValue(right)) : scalarText(operandScalar(scope, right)),
  ),
  compare_day: ofOperand<ConditionOf<'compare_day'>>(
    ({ left }) => left,
    ({ day }) => textValue(day),
  ),
  missing: ofOperand<ConditionOf<'missing'>>(({ operand }) => operand),
  empty: ofField<ConditionOf<'empty'>>(),
  in: ofOperand<ConditionOf<'in'>>(
    ({ operand }) => operand,
    ({ values }) => textValue(describeValues(values)),
  ),
  text: ofOperand<ConditionOf<'text'>>(
    ({ operand }) => operand,
    ({ needles }) =>
      textValue(describeValues(needles.map((needle) => ({ kind: 'literal', family: 'text', value: needle })))),
  ),
  array: ofField<ConditionOf<'array'>>(({ values }) => textValue(describeList(values))),
  window: ofOperand<ConditionOf<'window'>>(
    ({ operand }) => operand,
    (leaf, scope) => windowText(scope, leaf),
  ),
  period: ofOperand<ConditionOf<'period'>>(
    ({ operand }) => operand,
    (leaf, scope) => periodText(scope, leaf),
  ),
  anniversary: ofField<ConditionOf<'anniversary'>>(({ days }, scope) => anniversaryText(scope, days)),
  some: {
    family: () => 'number',
    actual: ({ relation, where }, scope) => sql`${countRows(scope, relation, where)}::text`,
    threshold: (_leaf, _scope, negated) => textValue(negated ? 'none' : 'at least 1'),
  },
  segment: {
    family: other,
    actual: ({ key }, scope) => sql`case when ${scope.member(key).positive} then 'a member' else 'not a member' end`,
    threshold: nothing,
  },
  override: { family: other, actual: (leaf, scope) => overrideText(scope, leaf), threshold: nothing },
};

function rowOf(leaf: LeafCondition): Row<LeafCondition> {
  return rows[leaf.kind];
}

/** The actual value and the threshold of a leaf, read in `scope`. */
export function leafDetail(scope: SqlScope, { condition, negated }: ExplainedLeaf): LeafDetail {
  const row = rowOf(condition);
  return { actual: row.actual(condition, scope), threshold: row.threshold(condition, scope, negated) };
}

/** Family of the actual value; text is quoted for people. */
export function actualFamily({ condition }: ExplainedLeaf): Family {
  return rowOf(condition).family(condition);
}

/** An array prints as Postgres writes it. */
function operandFamily(operand: Operand): Family {
  if (operand.kind === 'field') return operand.field.array ? 'other' : operand.field.family;
  return typeOfOperand(operand).family;
}

/** Who wrote the override, when, until when and why. */
function overrideText(scope: SqlScope, { segment, override }: ConditionOf<'override'>): Fragment {
  return sql`(select concat('by ', w.created_by, ' at ', ${instantText(sql`w.created_at`)}, ', until ' || ${instantText(sql`w.expires_at`)}, ': ' || w.note)
    from segmentd.override w where w.segment_id = ${integer(segment)} and w.contact_id = ${contactKey(scope.catalogue)} and w.kind = ${value(override, 'text')})`;
}
