/**
 * A typed condition as a SQL predicate: two-valued, in negation normal form, total. `positive` asks for the predicate
 * or for its exact complement; negation travels down to the leaves, where it is a different text, never `not (…)` around
 * a group. A positive predicate may be NULL where it does not hold, a negative one may not.
 */
import { unreachable } from '../base/unreachable.ts';
import type { Comparison, Condition, Literal, Operand } from '../condition/ast.ts';
import { arrayLeaf, arrayValue } from './array.ts';
import {
  ageInLeaf,
  ageLeaf,
  anniversaryLeaf,
  dayInLeaf,
  dayLeaf,
  derivedMissing,
  derivedScalar,
  periodLeaf,
} from './calendar.ts';
import { inLeaf, literalLeaf, missingLeaf, pairLeaf } from './compare.ts';
import { emptyLeaf } from './empty.ts';
import type { Fragment } from './fragment.ts';
import { all, always, any, anyOf, complement, never, type LeafSql } from './leaf.ts';
import { integerBound } from './number-bound.ts';
import { fieldScalar, type Scalar } from './scalar.ts';
import type { SqlScope } from './scope.ts';
import { textLeaf } from './text.ts';
import { windowLeaf } from './window.ts';

export function operandScalar(scope: SqlScope, operand: Operand): Scalar {
  switch (operand.kind) {
    case 'field':
      return operand.field.array ? arrayValue(scope, operand.field).scalar : fieldScalar(scope, operand.field);
    case 'aggregate':
      return scope.related.aggregate(scope, operand);
    case 'pick':
      return scope.related.pick(scope, operand);
    case 'age':
    case 'weekday':
    case 'anniversary_month':
      return derivedScalar(scope, operand);
    default:
      return unreachable(operand);
  }
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

function compareLeaf(scope: SqlScope, left: Operand, operator: Comparison, right: Literal | Operand): LeafSql {
  if (right.kind !== 'literal')
    return pairLeaf(scope, operandScalar(scope, left), operator, operandScalar(scope, right));
  if (left.kind === 'age') return ageLeaf(scope, left, operator, right.value);
  if (left.kind === 'aggregate' && left.function === 'count') {
    const exists = existence(operator, right.value);
    if (exists !== undefined) {
      const some = scope.related.some(scope, left.relation, left.where);
      return exists ? some : complement(some);
    }
  }
  return literalLeaf(scope, operandScalar(scope, left), operator, right);
}

function membersLeaf(scope: SqlScope, operand: Operand, literals: readonly Literal[]): LeafSql {
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

function leafOf(scope: SqlScope, condition: Exclude<Condition, { kind: 'and' | 'or' | 'not' }>): LeafSql {
  switch (condition.kind) {
    case 'constant':
      return condition.value ? always : never;
    case 'compare':
      return compareLeaf(scope, condition.left, condition.operator, condition.right);
    case 'compare_day':
      return dayLeaf(scope, operandScalar(scope, condition.left), condition.operator, condition.day);
    case 'missing': {
      const { operand } = condition;
      const derived = operand.kind === 'age' || operand.kind === 'weekday' || operand.kind === 'anniversary_month';
      return derived ? derivedMissing(scope, operand) : missingLeaf(operandScalar(scope, operand));
    }
    case 'empty':
      return emptyLeaf(scope, condition.field);
    case 'in':
      return membersLeaf(scope, condition.operand, condition.values);
    case 'text':
      return textLeaf(
        scope,
        operandScalar(scope, condition.operand),
        condition.operator,
        condition.fold,
        condition.needles,
      );
    case 'array':
      return arrayLeaf(scope, condition.operator, condition.field, condition.values);
    case 'window':
      return windowLeaf(scope, operandScalar(scope, condition.operand), condition.operator, condition.seconds);
    case 'period':
      return periodLeaf(scope, operandScalar(scope, condition.operand), condition.unit, condition.offset);
    case 'anniversary':
      return anniversaryLeaf(scope, fieldScalar(scope, condition.field), condition.days);
    case 'some':
      return scope.related.some(scope, condition.relation, condition.where);
    case 'segment':
      return scope.member(condition.key);
    case 'override':
      return scope.override(condition.segment, condition.override);
    default:
      return unreachable(condition);
  }
}

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
    default: {
      const leaf = leafOf(scope, condition);
      return scope.leaf(positive ? leaf.positive : leaf.negative);
    }
  }
}
