/**
 * A condition in plain English, in which people check that it says what they meant. Unambiguous: `and` and `or` never mix
 * without brackets, a list inside a group stands in brackets, and the complement of a leaf says that it includes missing
 * values. Fields and relations have their labels, in backquotes where these are no plain words. A description is no whole
 * sentence: it has no capital at its beginning, which would change a name, and no full stop.
 */
import type { Condition, ConditionOf } from '../ast.ts';
import { compareDecimals, parseDecimal } from '../decimal.ts';
import { describeLeaf, describeSide, type DescribedLeaf } from './describe-leaf.ts';
import type { Wording } from './describe-name.ts';
import { describeText } from './describe-value.ts';
import { describeOperand, wordsOfOperand, type Reading } from './describe-operand.ts';

/** @param wording where labels are found: the catalogue */
export function describe(condition: Condition, wording: Wording): string {
  return sentence(condition, undefined, readingOf(undefined, wording));
}

/** A condition on the rows of a relation, alone. */
export function describeRowCondition(relation: string, condition: Condition, wording: Wording): string {
  return sentence(condition, undefined, readingOf(relation, wording));
}

type Group = 'and' | 'or';

/**
 * A group inside a group stands in brackets, and so does a part that has the word of a group in it.
 * @param within the group around it
 * @param reading whose rows names are read in
 */
function sentence(condition: Condition, within: Group | undefined, reading: Reading): string {
  switch (condition.kind) {
    case 'and':
    case 'or': {
      const parts = partsOf(condition.kind, condition.children, reading);
      const [only = ''] = parts;
      if (parts.length === 1) return bracketed(only, within);
      const text = parts.join(` ${condition.kind} `);
      return within === undefined ? text : `(${text})`;
    }
    case 'not': {
      const { child } = condition;
      if (isGroup(child)) return `not (${sentence(child, undefined, reading)})`;
      return bracketed(describeLeaf(child, 'complement', reading), within);
    }
    case 'admitted':
      return describeAdmitted(condition);
    case 'constant':
      return condition.value ? 'every contact' : 'no contact';
    default:
      return bracketed(describeLeaf(condition, 'holds', reading), within);
  }
}

/** It stands in filters of rows, which are described without it. */
function describeAdmitted({ relation }: ConditionOf<'admitted'>): string {
  return `a row of ${describeText(relation)} that counts`;
}

const GROUPS: ReadonlySet<Condition['kind']> = new Set(['and', 'or', 'not', 'constant', 'admitted']);

function isGroup(condition: Condition): condition is Exclude<Condition, DescribedLeaf> {
  return GROUPS.has(condition.kind);
}

/** @param around the relation whose rows stand around */
function readingOf(relation: string | undefined, wording: Wording, around?: string): Reading {
  const reading: Reading = {
    relation,
    around,
    wording,
    inside: (inner) => readingOf(inner, wording, relation),
    sentence: (condition) => sentence(condition, undefined, reading),
  };
  return reading;
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
  return / (?:and|or) /.test(words) ? `(${text})` : text;
}

/** The children of a group; two bounds of one value become a range. */
function partsOf(kind: Group, children: readonly Condition[], reading: Reading): string[] {
  const parts: string[] = [];
  for (let i = 0; i < children.length; i += 1) {
    const [child, next] = [children[i], children[i + 1]];
    if (!child) continue;
    const range = kind === 'and' && next ? rangeOf(child, next, reading) : undefined;
    parts.push(range ?? sentence(child, kind, reading));
    if (range !== undefined) i += 1;
  }
  return parts;
}

function rangeOf(low: Condition, high: Condition, reading: Reading): string | undefined {
  const isRange =
    (low.kind === 'compare' && high.kind === 'compare') || (low.kind === 'compare_day' && high.kind === 'compare_day');
  if (!isRange || low.operator !== '>=' || high.operator !== '<=') return undefined;
  const value = describeOperand(low.left, reading);
  if (value !== describeOperand(high.left, reading)) return undefined;
  if (isReversed(low, high)) return undefined;
  return `${value} is between ${bound(low, reading)} and ${bound(high, reading)} (both included)`;
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

function bound(side: Condition, reading: Reading): string {
  if (side.kind === 'compare_day') return side.day;
  return side.kind === 'compare' ? describeSide(side.right, reading, wordsOfOperand(side.left)) : '';
}
