/**
 * A condition in plain English, in which people check that it says what they meant. Unambiguous: `and` and `or` never mix
 * without brackets, and the complement of a leaf says that it includes missing values. Names stay as the catalogue writes
 * them, quoted where they are no plain words.
 */
import type { Condition } from '../ast.ts';
import { compareDecimals, parseDecimal } from '../decimal.ts';
import { describeLeaf, describeSide, type DescribedLeaf, type Reading } from './describe-leaf.ts';
import { describeOperand } from './describe-operand.ts';

export function describe(condition: Condition): string {
  const text = sentence(condition, undefined, undefined);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

type Group = 'and' | 'or';

/**
 * A group inside a group stands in brackets, and so does a part that has the other group's word in it.
 * @param within the group around it
 * @param relation whose rows names are read in
 */
function sentence(condition: Condition, within: Group | undefined, relation: string | undefined): string {
  switch (condition.kind) {
    case 'and':
    case 'or': {
      const parts = partsOf(condition.kind, condition.children, relation);
      const [only = ''] = parts;
      if (parts.length === 1) return bracketed(only, within);
      const text = parts.join(` ${condition.kind} `);
      return within === undefined ? text : `(${text})`;
    }
    case 'not': {
      const { child } = condition;
      if (isGroup(child)) return `not (${sentence(child, undefined, relation)})`;
      return bracketed(describeLeaf(child, 'complement', readingOf(relation)), within);
    }
    case 'constant':
      return condition.value ? 'every contact' : 'no contact';
    default:
      return bracketed(describeLeaf(condition, 'holds', readingOf(relation)), within);
  }
}

function isGroup(condition: Condition): condition is Exclude<Condition, DescribedLeaf> {
  return (
    condition.kind === 'and' || condition.kind === 'or' || condition.kind === 'not' || condition.kind === 'constant'
  );
}

function readingOf(relation: string | undefined): Reading {
  return { relation, where: describeWhere, sentence: (condition, of) => sentence(condition, undefined, of) };
}

const QUOTED = /"(?:[^"\\]|\\.)*"|`(?:[^`]|``)*`/g;
const INNERMOST_BRACKETS = /\([^()]*\)|\[[^[\]]*\]/g;

function bracketed(text: string, within: Group | undefined): string {
  if (within === undefined) return text;
  let words = text.replaceAll(QUOTED, '');
  for (let before = ''; before !== words;) {
    before = words;
    words = words.replaceAll(INNERMOST_BRACKETS, '');
  }
  return words.includes(within === 'and' ? ' or ' : ' and ') ? `(${text})` : text;
}

/** The children of a group; two bounds of one value become a range. */
function partsOf(kind: Group, children: readonly Condition[], relation: string | undefined): string[] {
  const parts: string[] = [];
  for (let i = 0; i < children.length; i += 1) {
    const [child, next] = [children[i], children[i + 1]];
    if (!child) continue;
    const range = kind === 'and' && next ? rangeOf(child, next, relation) : undefined;
    parts.push(range ?? sentence(child, kind, relation));
    if (range !== undefined) i += 1;
  }
  return parts;
}

function rangeOf(low: Condition, high: Condition, relation: string | undefined): string | undefined {
  const isRange =
    (low.kind === 'compare' && high.kind === 'compare') || (low.kind === 'compare_day' && high.kind === 'compare_day');
  if (!isRange || low.operator !== '>=' || high.operator !== '<=') return undefined;
  const value = describeOperand(low.left, relation, describeWhere);
  if (value !== describeOperand(high.left, relation, describeWhere)) return undefined;
  if (isReversed(low, high)) return undefined;
  return `${value} is between ${bound(low, relation)} and ${bound(high, relation)} (both included)`;
}

/** Bounds that no value satisfies: as a range, people would read them the other way round. */
function isReversed(low: Condition, high: Condition): boolean {
  if (low.kind === 'compare_day' && high.kind === 'compare_day') return low.day > high.day;
  if (
    low.kind !== 'compare' ||
    high.kind !== 'compare' ||
    low.right.kind !== 'literal' ||
    high.right.kind !== 'literal'
  )
    return false;
  const [least, most] = [low.right.value, high.right.value];
  if (low.right.family !== 'number') return least > most;
  const [a, b] = [parseDecimal(least), parseDecimal(most)];
  return a !== undefined && b !== undefined && compareDecimals(a, b) > 0;
}

function bound(side: Condition, relation: string | undefined): string {
  if (side.kind === 'compare_day') return side.day;
  return side.kind === 'compare' ? describeSide(side.right, readingOf(relation)) : '';
}

/** A filter over rows: nothing for all of them. */
function describeWhere(where: Condition, relation: string): string {
  return where.kind === 'constant' && where.value ? '' : ` where (${sentence(where, undefined, relation)})`;
}
