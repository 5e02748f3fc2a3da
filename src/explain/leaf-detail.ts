/**
 * What a person reads of a leaf beside its verdict: the value that the contact has, and what the value is compared with.
 * One row for each kind of leaf. Both are read in the statement that reads the verdict. Pure.
 */
import type { Family, Field } from '../catalogue/catalogue.ts';
import { arrayValue } from '../compile/array-leaf.ts';
import { integer, sql, value, type Fragment } from '../compile/fragment.ts';
import { pastRows, segmentNamed } from '../compile/past-leaf.ts';
import { operandScalar } from '../compile/predicate.ts';
import type { SqlScope } from '../compile/scope.ts';
import type { ConditionOf, LeafCondition, Literal, Operand } from '../condition/ast.ts';
import { arrayWords, orderWords, textVerb } from '../condition/describe/describe-leaf.ts';
import { wordsOfOperand } from '../condition/describe/describe-operand.ts';
import { describeList, describeNone, describeValue, type ValueWords } from '../condition/describe/describe-value.ts';
import { sourceOfOperand, typeOfOperand, withInside } from '../condition/operand.ts';
import { shapeOf } from '../condition/shape.ts';
import { pasts } from '../condition/time-unit.ts';
import type { ExplainedLeaf } from './condition-tree.ts';
import { contactKey, countRows } from './contact-scope.ts';
import {
  anniversaryText,
  arrayText,
  calendarWindowText,
  distanceText,
  instantText,
  NO_TEXT,
  pastText,
  periodText,
  scalarText,
  tenseText,
  textValue,
  windowText,
} from './value-text.ts';

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
  /** SQL of type text: what the value must be, in words, bounds of time worked out. */
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
    actual: (leaf, scope) => operandText(scope, operandOf(leaf)),
    threshold,
  };
}

function operandText(scope: SqlScope, operand: Operand): Fragment {
  return operand.kind === 'field' && operand.field.array
    ? arrayText(arrayValue(scope, operand.field).scalar.value)
    : scalarText(operandScalar(scope, operand));
}

function ofField<C extends LeafCondition & { readonly field: Field }>(
  threshold: Row<C>['threshold'] = nothing,
): Row<C> {
  return ofOperand<C>(({ field }) => ({ kind: 'field', field }), threshold);
}

/** What is said of a text for a leaf, and for its complement. */
const negatable = (text: string, negated: boolean): Fragment => textValue(complementOf(text, negated));
/** The same before bounds that Postgres works out. */
const negatableBound = (bound: Fragment, negated: boolean): Fragment => (negated ? sql`'not ' || ${bound}` : bound);

function complementOf(text: string, negated: boolean): string {
  if (!negated) return text;
  return text.startsWith('not ') ? text.slice('not '.length) : `not ${text}`;
}

const rows: { readonly [K in LeafCondition['kind']]: Row<ConditionOf<K>> } = {
  constant: { family: other, actual: nothing, threshold: nothing },
  compare: ofOperand<ConditionOf<'compare'>>(
    ({ left }) => left,
    ({ left, operator, right }, scope, negated) => {
      const words = orderWords(left, operator);
      if (right.kind === 'literal') return negatable(`${words}${describeValue(right, wordsOfOperand(left))}`, negated);
      return sql`${negatable(words, negated)} || ${scalarText(operandScalar(scope, right))}`;
    },
  ),
  compare_day: ofOperand<ConditionOf<'compare_day'>>(
    ({ left }) => left,
    ({ left, operator, day }, _scope, negated) => negatable(`${orderWords(left, operator)}${day}`, negated),
  ),
  missing: ofOperand<ConditionOf<'missing'>>(
    ({ operand }) => operand,
    (_leaf, _scope, negated) => textValue(negated ? 'a value' : 'no value'),
  ),
  empty: ofField<ConditionOf<'empty'>>((_leaf, _scope, negated) =>
    textValue(negated ? 'not empty' : 'empty or missing'),
  ),
  in: ofOperand<ConditionOf<'in'>>(
    ({ operand }) => operand,
    ({ operand, values }, _scope, negated) => textValue(anyOf(values, negated, wordsOfOperand(operand))),
  ),
  text: ofOperand<ConditionOf<'text'>>(
    ({ operand }) => operand,
    ({ operator, operand, needles }, _scope, negated) => {
      const texts: readonly Literal[] = needles.map((needle) => ({ kind: 'literal', family: 'text', value: needle }));
      if (operator === 'equals') return textValue(anyOf(texts, negated, wordsOfOperand(operand)));
      return textValue(`${textVerb[operator][negated ? 'complement' : 'holds']} ${describeList(texts, 'or')}`);
    },
  ),
  array: ofField<ConditionOf<'array'>>(({ field, operator, values }, _scope, negated) => {
    const { of, last, ofOne = '' } = arrayWords[operator];
    const list = describeList(values, last, field.about?.values);
    if (values.length === 1) return negatable(`${ofOne}${list}`, negated);
    return textValue(negated ? `${operator === 'has_any' ? 'none of ' : `not ${of}`}${list}` : `${of}${list}`);
  }),
  tense: ofOperand<ConditionOf<'tense'>>(
    ({ operand }) => operand,
    (leaf, scope, negated) => negatableBound(tenseText(scope, leaf), negated),
  ),
  window: ofOperand<ConditionOf<'window'>>(
    ({ operand }) => operand,
    (leaf, scope, negated) => negatableBound(windowText(scope, leaf), negated),
  ),
  calendar_window: ofOperand<ConditionOf<'calendar_window'>>(
    ({ operand }) => operand,
    (leaf, scope, negated) => negatableBound(calendarWindowText(scope, leaf), negated),
  ),
  period: ofOperand<ConditionOf<'period'>>(
    ({ operand }) => operand,
    (leaf, scope, negated) => negatableBound(periodText(scope, leaf), negated),
  ),
  anniversary: ofField<ConditionOf<'anniversary'>>((leaf, scope, negated) =>
    negatableBound(anniversaryText(scope, leaf), negated),
  ),
  anniversary_period: ofField<ConditionOf<'anniversary_period'>>((leaf, scope, negated) =>
    negatableBound(periodText(scope, leaf), negated),
  ),
  within_km: {
    family: other,
    actual: (leaf, scope) => distanceText(scope, leaf),
    threshold: ({ center, km }, _scope, negated) => negatable(`within ${km} km of ${center.join(', ')}`, negated),
  },
  some: {
    family: () => 'number',
    actual: ({ relation, where }, scope) => sql`${countRows(scope, relation, where)}::text`,
    threshold: (_leaf, _scope, negated) => textValue(negated ? 'none' : 'at least 1'),
  },
  among: { family: other, actual: nothing, threshold: nothing },
  segment: {
    family: other,
    actual: ({ key }, scope) => sql`case when ${scope.member(key).positive} then 'a member' else 'not a member' end`,
    threshold: (_leaf, _scope, negated) => negatable('a member', negated),
  },
  past: {
    family: () => 'instant',
    // The last one: a contact has one row as a member, and may have entered and left often.
    actual: ({ operator, key }, { catalogue }) =>
      sql`(select ${instantText(sql`max(past.time)`)} from ${pastRows(pasts[operator].of, segmentNamed(key))} as past where past.contact_id = ${contactKey(catalogue)})`,
    threshold: (leaf, scope, negated) => negatableBound(pastText(scope, leaf), negated),
  },
  override: { family: other, actual: (leaf, scope) => overrideText(scope, leaf), threshold: nothing },
};

function anyOf(values: readonly Literal[], negated: boolean, labels: ValueWords | undefined): string {
  return negated ? describeNone(values, labels) : describeList(values, 'or', labels);
}

function rowOf(leaf: LeafCondition): Row<LeafCondition> {
  return rows[leaf.kind];
}

/** The actual value and the threshold of a leaf, read in `scope`. */
export function leafDetail(
  scope: SqlScope,
  { condition, negated }: Pick<ExplainedLeaf, 'condition' | 'negated'>,
): LeafDetail {
  const row = rowOf(condition);
  return { actual: row.actual(condition, scope), threshold: row.threshold(condition, scope, negated) };
}

/** The fields whose values a leaf shows as the actual value; none for numbers of rows and for what is no value. */
export function shownFields(leaf: LeafCondition): readonly Field[] {
  const shape = shapeOf(leaf);
  const [shown] = shape.operands(leaf);
  return [...shape.fields(leaf), ...(shown ? fieldsShown(shown) : [])];
}

/** The fields whose values a leaf shows as the threshold: those of the other side of a comparison. */
export function thresholdFields(leaf: LeafCondition): readonly Field[] {
  return leaf.kind === 'compare' && leaf.right.kind !== 'literal' ? fieldsShown(leaf.right) : [];
}

function fieldsShown(operand: Operand): readonly Field[] {
  return withInside(operand).flatMap((one) => sourceOfOperand(one) ?? []);
}

/** Family of the actual value; text is quoted for people. */
export function actualFamily({ condition }: ExplainedLeaf): Family {
  return rowOf(condition).family(condition);
}

/** An array prints as a list, whose values have their quotes already. */
function operandFamily(operand: Operand): Family {
  if (operand.kind === 'field') return operand.field.array ? 'other' : operand.field.family;
  return typeOfOperand(operand).family;
}

/** Who wrote the override, when, until when and why. */
function overrideText(scope: SqlScope, { segment, override }: ConditionOf<'override'>): Fragment {
  return sql`(select concat('by ', coalesce(w.actor, w.created_by), ' at ', ${instantText(sql`w.created_at`)}, ', until ' || ${instantText(sql`w.expires_at`)}, ': ' || w.note)
    from segmentd.override w where w.segment_id = ${integer(segment)} and w.contact_id = ${contactKey(scope.catalogue)} and w.kind = ${value(override, 'text')})`;
}
