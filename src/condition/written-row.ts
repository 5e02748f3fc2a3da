/**
 * The rows of a condition as it is written: groups, and what stands in them, each with its JSON pointer. A builder shows these
 * rows, so numbers and verdicts are given by their pointers. A filter of related rows belongs to its row and is no row itself. Pure.
 */
import { unreachable } from '../base/unreachable.ts';
import { isObject, under } from './check/check-context.ts';
import { operatorOf } from './check/check-node.ts';

/**
 * `leaf`: everything with an answer of its own, a negated one included. `all`: `and`, `!!`. `any`: `or`. `not`: `!` over a group or over another `!`.
 * `choice`: `if`, whose children are tests and answers in turns.
 */
export type WrittenKind = 'leaf' | 'all' | 'any' | 'not' | 'choice';

export interface WrittenRow {
  readonly kind: WrittenKind;
  /** JSON pointer (RFC 6901) into the condition; of a negated leaf that of its `!`. */
  readonly pointer: string;
  readonly json: unknown;
  readonly children: readonly WrittenRow[];
}

const GROUPS: ReadonlyMap<string, Exclude<WrittenKind, 'leaf'>> = new Map([
  ['and', 'all'],
  ['!!', 'all'],
  ['or', 'any'],
  ['!', 'not'],
  ['if', 'choice'],
]);

/** The rows of a condition. @param json a condition that `checkCondition` accepted */
export function writtenRows(json: unknown, pointer = ''): WrittenRow {
  const name = operatorOf(json);
  const kind = name === undefined ? undefined : GROUPS.get(name);
  if (name === undefined || kind === undefined || !isObject(json)) return { kind: 'leaf', pointer, json, children: [] };
  const inner = under(pointer, name);
  const value = json[name];
  const children = Array.isArray(value)
    ? value.map((item: unknown, index) => writtenRows(item, under(inner, index)))
    : [writtenRows(value, inner)];
  const [only] = children;
  const isPlain = only?.kind === 'leaf' && operatorOf(only.json) !== '!';
  if (kind === 'not' && isPlain) return { kind: 'leaf', pointer, json, children: [] };
  return { kind, pointer, json, children };
}

/** The leaves in the order in which they are written. */
export function writtenLeaves(row: WrittenRow): readonly WrittenRow[] {
  return row.kind === 'leaf' ? [row] : row.children.flatMap(writtenLeaves);
}

/** Whether a row holds. @param holds the verdict of each leaf */
export function rowHolds<Row extends { readonly kind: WrittenKind; readonly children: readonly Row[] }>(
  row: Row,
  holds: (leaf: Row) => boolean,
): boolean {
  const child = (one: Row): boolean => rowHolds(one, holds);
  switch (row.kind) {
    case 'leaf':
      return holds(row);
    case 'all':
      return row.children.every(child);
    case 'any':
      return row.children.some(child);
    case 'not':
      return !row.children.every(child);
    case 'choice':
      return choiceHolds(row.children, child);
    default:
      return unreachable(row.kind);
  }
}

/** The first test that holds decides. Without a last answer the verdict is no. */
export function choiceHolds<Row>(parts: readonly Row[], holds: (part: Row) => boolean): boolean {
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const [test, answer] = parts.slice(i, i + 2);
    if (test !== undefined && answer !== undefined && holds(test)) return holds(answer);
  }
  const last = parts.length % 2 === 1 ? parts.at(-1) : undefined;
  return last !== undefined && holds(last);
}
