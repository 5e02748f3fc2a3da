/**
 * A condition in plain English, for people to check that it says what they meant. Unambiguous: `and` and `or` never mix
 * without brackets, a complement says whether it includes missing values. Names stay as the catalogue writes them.
 */
import { unreachable } from '../base/unreachable.ts';
import type { Field } from '../catalogue/catalogue.ts';
import type { Comparison, Condition, Literal, Operand, WishKind } from './ast.ts';
import { describeList, describeOperand, describeRows, describeValue, describeValues, familyOf, nameOf } from './describe-operand.ts';

export function describe(condition: Condition): string {
  const text = sentence(condition, 'alone', undefined);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `relation`: whose rows names are read in. A group inside a group stands in brackets. */
function sentence(condition: Condition, place: 'alone' | 'grouped', relation: string | undefined): string {
  switch (condition.kind) {
    case 'and':
    case 'or': {
      const parts = partsOf(condition.kind, condition.children, relation);
      const text = parts.join(` ${condition.kind} `);
      return place === 'alone' || parts.length === 1 ? text : `(${text})`;
    }
    case 'not':
      return complement(condition.child, relation);
    case 'constant':
      return condition.value ? 'everybody' : 'nobody';
    default:
      return leaf(condition, relation);
  }
}

/** The children of a group; two bounds of one value become a range. */
function partsOf(kind: 'and' | 'or', children: readonly Condition[], relation: string | undefined): string[] {
  const parts: string[] = [];
  for (let i = 0; i < children.length; i += 1) {
    const [child, next] = [children[i], children[i + 1]];
    if (!child) continue;
    const range = kind === 'and' && next ? rangeOf(child, next, relation) : undefined;
    parts.push(range ?? sentence(child, 'grouped', relation));
    if (range !== undefined) i += 1;
  }
  return parts;
}

function rangeOf(low: Condition, high: Condition, relation: string | undefined): string | undefined {
  const isRange = (low.kind === 'compare' && high.kind === 'compare') || (low.kind === 'compare_day' && high.kind === 'compare_day');
  if (!isRange || low.operator !== '>=' || high.operator !== '<=') return undefined;
  const value = describeOperand(low.left, relation, describeWhere);
  if (value !== describeOperand(high.left, relation, describeWhere)) return undefined;
  return `${value} is between ${bound(low, relation)} and ${bound(high, relation)} (both included)`;
}

function bound(side: Condition, relation: string | undefined): string {
  if (side.kind === 'compare_day') return side.day;
  return side.kind === 'compare' ? rightOf(side.right, relation) : '';
}

function rightOf(side: Literal | Operand, relation: string | undefined): string {
  return side.kind === 'literal' ? describeValue(side) : describeOperand(side, relation, describeWhere);
}

/** A filter over rows: nothing for all of them. */
function describeWhere(where: Condition, relation: string): string {
  return where.kind === 'constant' && where.value ? '' : ` where (${sentence(where, 'alone', relation)})`;
}

const words: Readonly<Record<Comparison, string>> = {
  '==': 'is',
  '!=': 'is not',
  '<': 'is less than',
  '<=': 'is at most',
  '>': 'is greater than',
  '>=': 'is at least',
};

const timeWords: Readonly<Record<Comparison, string>> = {
  '==': 'is on',
  '!=': 'is not on',
  '<': 'is before',
  '<=': 'is on or before',
  '>': 'is after',
  '>=': 'is on or after',
};

type Leaf = Exclude<Condition, { readonly kind: 'and' | 'or' | 'not' | 'constant' }>;

function leaf(condition: Leaf, relation: string | undefined): string {
  const value = (operand: Operand): string => describeOperand(operand, relation, describeWhere);
  const name = (field: Field): string => nameOf(field, relation);
  switch (condition.kind) {
    case 'compare': {
      const isTime = familyOf(condition.left) === 'date' || familyOf(condition.left) === 'instant';
      const verb = isTime && condition.operator !== '==' ? timeWords[condition.operator] : words[condition.operator];
      return `${value(condition.left)} ${verb} ${rightOf(condition.right, relation)}`;
    }
    case 'compare_day':
      return `${value(condition.left)} ${timeWords[condition.operator]} ${condition.day}`;
    case 'missing':
      return `${value(condition.operand)} has no value`;
    case 'empty':
      return `${name(condition.field)} is empty or missing`;
    case 'in':
      return `${value(condition.operand)} is ${describeValues(condition.values)}`;
    case 'text': {
      const verb = { contains: 'contains', starts_with: 'starts with', ends_with: 'ends with', equals: 'is' }[condition.operator];
      const needles = describeValues(condition.needles.map((needle) => ({ kind: 'literal', family: 'text', value: needle })));
      return `${value(condition.operand)} ${verb} ${needles}${condition.fold ? ' (upper or lower case)' : ''}`;
    }
    case 'array':
      return `${name(condition.field)} has ${condition.operator === 'has_all' ? 'all' : 'any'} of [${describeList(condition.values)}]`;
    case 'window':
      return `${value(condition.operand)} is ${window(condition)}`;
    case 'period':
      return `${value(condition.operand)} is in ${period(condition.unit, condition.offset)}`;
    case 'anniversary':
      return condition.days === 0 ? `today is an anniversary of ${name(condition.field)}` : `an anniversary of ${name(condition.field)} is today or in the next ${plural(condition.days, 'day')}`;
    case 'some':
      return `has ${describeRows(condition.relation)}${describeWhere(condition.where, condition.relation)}`;
    case 'segment':
      return `is in the segment ${JSON.stringify(condition.key)}`;
    case 'wish':
      return wishes[condition.wish].holds;
    default:
      return unreachable(condition);
  }
}

function complement(child: Condition, relation: string | undefined): string {
  const value = (operand: Operand): string => describeOperand(operand, relation, describeWhere);
  switch (child.kind) {
    case 'missing':
      return `${value(child.operand)} has a value`;
    case 'empty':
      return `${nameOf(child.field, relation)} is not empty`;
    case 'some':
      return noRow(child);
    case 'segment':
      return `is not in the segment ${JSON.stringify(child.key)}`;
    case 'wish':
      return wishes[child.wish].complement;
    case 'compare':
      return child.operator === '==' ? `${value(child.left)} is not ${rightOf(child.right, relation)} (or has no value)` : `not (${leaf(child, relation)})`;
    default:
      return `not (${sentence(child, 'alone', relation)})`;
  }
}

const wishes: Readonly<Record<WishKind, { readonly holds: string; readonly complement: string }>> = {
  member: { holds: 'was added by hand', complement: 'was not added by hand' },
  include: { holds: 'is included by hand', complement: 'is not included by hand' },
  exclude: { holds: 'is excluded by hand', complement: 'is not excluded by hand' },
};

/** No row that is not C reads better as what holds for every row. */
function noRow({ relation, where }: { readonly relation: string; readonly where: Condition }): string {
  if (where.kind === 'not') return `every one of ${describeRows(relation)}, if any, satisfies (${sentence(where.child, 'alone', relation)})`;
  return `has no ${describeRows(relation)}${describeWhere(where, relation)}`;
}

function window({ operator, amount, unit }: { operator: 'in_last' | 'before_last' | 'in_next'; amount: number; unit: string }): string {
  const span = plural(amount, unit);
  if (operator === 'in_last') return `within the last ${span}`;
  return operator === 'in_next' ? `within the next ${span}` : `at least ${span} ago`;
}

function period(unit: string, offset: number): string {
  if (offset === 0) return unit === 'day' ? 'today' : `this ${unit}`;
  if (offset === -1) return unit === 'day' ? 'yesterday' : `last ${unit}`;
  if (offset === 1) return unit === 'day' ? 'tomorrow' : `next ${unit}`;
  return `the ${unit} ${plural(Math.abs(offset), unit)} ${offset < 0 ? 'ago' : 'from now'}`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
