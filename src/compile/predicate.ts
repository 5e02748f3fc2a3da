/**
 * A typed condition as a SQL predicate: two-valued, in negation normal form, total. `positive` asks for the predicate
 * or for its exact complement; negation travels down to the leaves, where it is a different text, never `not (…)` around
 * a group. A positive predicate may be NULL where it does not hold, a negative one may not.
 */
import type {
  AggregateOperand,
  Comparison,
  Condition,
  DerivedOperand,
  LeafCondition,
  Literal,
  Operand,
} from '../condition/ast.ts';
import { byKind, type PerKind } from '../condition/kind.ts';
import { arithmeticScalar } from './arithmetic.ts';
import { bucketScalar } from './bucket.ts';
import { arrayLeaf, arrayValue } from './array-leaf.ts';
import {
  ageInLeaf,
  ageLeaf,
  anniversaryLeaf,
  anniversaryPeriodLeaf,
  dayInLeaf,
  dayLeaf,
  derivedMissing,
  derivedScalar,
  periodLeaf,
} from './calendar.ts';
import { calendarWindowLeaf } from './calendar-window.ts';
import { inLeaf, literalLeaf, missingLeaf, pairLeaf } from './compare-leaf.ts';
import { emptyLeaf } from './empty-leaf.ts';
import type { Fragment } from './fragment.ts';
import { all, always, any, anyOf, complement, never, type LeafSql } from './leaf.ts';
import { integerBound } from './number-bound.ts';
import { movedScalar } from './moved-scalar.ts';
import { fieldScalar } from './scalar.ts';
import { lengthScalar, sizeScalar } from './measure-scalar.ts';
import type { Scalar } from './scalar-type.ts';
import type { SqlScope } from './scope.ts';
import { textLeaf } from './text-leaf.ts';
import { tenseLeaf, windowLeaf } from './window-leaf.ts';
import { withinLeaf } from './within-leaf.ts';

const scalars: PerKind<Operand, [SqlScope], Scalar> = {
  field: ({ field }, scope) => (field.array ? arrayValue(scope, field).scalar : fieldScalar(scope, field)),
  arithmetic: (operand, scope) => arithmeticScalar(operand, (term) => operandScalar(scope, term)),
  moved: (operand, scope) => movedScalar(scope, operand, operandScalar(scope, operand.operand)),
  bucket: (operand, scope) => bucketScalar(scope, operand),
  aggregate: (operand, scope) => scope.related.aggregate(scope, operand),
  pick: (operand, scope) => scope.related.pick(scope, operand),
  age: (operand, scope) => derivedScalar(scope, operand),
  weekday: (operand, scope) => derivedScalar(scope, operand),
  anniversary_month: (operand, scope) => derivedScalar(scope, operand),
  length: ({ field }, scope) => lengthScalar(scope, field),
  size: ({ field }, scope) => sizeScalar(scope, field),
};

/** The operand's value as one Postgres type. */
export function operandScalar(scope: SqlScope, operand: Operand): Scalar {
  return byKind(scalars, operand, scope);
}

/** `count` held against nothing or something is a question of existence, which an index answers at the first row. */
function existence(operator: Comparison, literal: string): boolean | undefined {
  const bound = integerBound(operator, literal);
  if (typeof bound === 'boolean') return undefined;
  switch (`${bound.operator} ${bound.value}`) {
    case '>= 1':
    case '> 0':
    case '!= 0':
      return true;
    case '== 0':
    case '<= 0':
    case '< 1':
      return false;
    default:
      return undefined;
  }
}

const missingScalar = (operand: Operand, scope: SqlScope): LeafSql => missingLeaf(operandScalar(scope, operand));
const missingDate = (operand: DerivedOperand, scope: SqlScope): LeafSql => derivedMissing(scope, operand);

/** The operand has no value. */
const missingOperands: PerKind<Operand, [SqlScope], LeafSql> = {
  field: missingScalar,
  aggregate: missingScalar,
  pick: missingScalar,
  age: missingDate,
  weekday: missingDate,
  anniversary_month: missingDate,
  length: missingScalar,
  arithmetic: missingScalar,
  size: missingScalar,
  moved: missingScalar,
  bucket: missingScalar,
};

/** What a row satisfies that counts. */
function counted(count: AggregateOperand): Condition {
  if (count.function === 'count') return count.where;
  const operand: Operand = count.field ? { kind: 'field', field: count.field } : count.of;
  return { kind: 'and', children: [count.where, { kind: 'not', child: { kind: 'missing', operand } }] };
}

function compareLeaf(scope: SqlScope, left: Operand, operator: Comparison, right: Literal | Operand): LeafSql {
  if (right.kind !== 'literal')
    return pairLeaf(scope, operandScalar(scope, left), operator, operandScalar(scope, right));
  if (left.kind === 'age') return ageLeaf(scope, left, operator, right.value);
  if (left.kind === 'aggregate' && (left.function === 'count' || left.function === 'count_distinct')) {
    const exists = existence(operator, right.value);
    if (exists !== undefined) {
      const some = scope.related.some(scope, left.relation, counted(left));
      return exists ? some : complement(some);
    }
  }
  return literalLeaf(scope, operandScalar(scope, left), operator, right);
}

/** The operand equals any of the literals. */
function inListLeaf(scope: SqlScope, operand: Operand, literals: readonly Literal[]): LeafSql {
  if (operand.kind === 'age')
    return ageInLeaf(
      scope,
      operand,
      literals.map((literal) => literal.value),
    );
  const scalar = operandScalar(scope, operand);
  const instant = scalar.type === 'timestamptz' || scalar.type === 'timestamp';
  const days = instant ? literals.filter((literal) => literal.family === 'date') : [];
  const values = instant ? literals.filter((literal) => literal.family !== 'date') : literals;
  return anyOf([
    ...(values.length > 0 ? [inLeaf(scope, scalar, values)] : []),
    ...(days.length > 0
      ? [
          dayInLeaf(
            scope,
            scalar,
            days.map((day) => day.value),
          ),
        ]
      : []),
  ]);
}

/** The SQL of each kind of leaf. */
const leaves: PerKind<LeafCondition, [SqlScope], LeafSql> = {
  constant: ({ value }) => (value ? always : never),
  compare: ({ left, operator, right }, scope) => compareLeaf(scope, left, operator, right),
  compare_day: ({ left, operator, day }, scope) => dayLeaf(scope, operandScalar(scope, left), operator, day),
  missing: ({ operand }, scope) => byKind(missingOperands, operand, scope),
  empty: ({ field }, scope) => emptyLeaf(scope, field),
  in: ({ operand, values }, scope) => inListLeaf(scope, operand, values),
  text: ({ operand, operator, fold, needles }, scope) =>
    textLeaf(scope, operandScalar(scope, operand), operator, fold, needles),
  array: ({ operator, field, values }, scope) => arrayLeaf(scope, operator, field, values),
  tense: ({ operand, tense }, scope) => tenseLeaf(scope, operandScalar(scope, operand), tense),
  window: ({ operand, operator, seconds }, scope) =>
    windowLeaf(scope, operandScalar(scope, operand), operator, seconds),
  calendar_window: ({ operand, operator, months }, scope) =>
    calendarWindowLeaf(scope, operandScalar(scope, operand), operator, months),
  period: ({ operand, unit, offset }, scope) => periodLeaf(scope, operandScalar(scope, operand), unit, offset),
  anniversary: (leaf, scope) => anniversaryLeaf(scope, fieldScalar(scope, leaf.field), leaf),
  anniversary_period: (leaf, scope) => anniversaryPeriodLeaf(scope, fieldScalar(scope, leaf.field), leaf),
  within_km: (leaf, scope) => withinLeaf(scope, leaf),
  some: ({ relation, where }, scope) => scope.related.some(scope, relation, where),
  among: (leaf, scope) => scope.related.among(leaf),
  segment: ({ key }, scope) => scope.member(key),
  past: (leaf, scope) => scope.past(leaf),
  override: ({ segment, override }, scope) => scope.override(segment, override),
};

/** The predicate that holds exactly where the condition does (`positive`), or exactly where it does not. */
export function predicate(scope: SqlScope, condition: Condition, positive = true): Fragment {
  switch (condition.kind) {
    case 'not':
      return predicate(scope, condition.child, !positive);
    case 'and':
    case 'or': {
      const children = condition.children.map((child) => predicate(scope, child, positive));
      return (condition.kind === 'and') === positive ? all(children) : any(children);
    }
    case 'admitted':
      return predicate(scope, condition.where, positive);
    default: {
      const leaf = byKind(leaves, condition, scope);
      return scope.leaf(positive ? leaf.positive : leaf.negative);
    }
  }
}
