/**
 * One table with a row for each kind of condition: its parts, what it reads, whether and by how many edges time moves it.
 * Walks, references, edges and limits read this table. Invariant: every condition, operand, field, relation and segment
 * inside a node is named by the node's row; what is not named is not captured, and a missed change is a wrong member.
 * Pure. What a kind means stands in check/ (from JSON), describe/ (words), compile/predicate.ts (SQL), temporal/edge.ts.
 */
import type { Field } from '../catalogue/catalogue.ts';
import { admissionsOf } from './admission.ts';
import type { Condition, ConditionKind, ConditionOf, Operand } from './ast.ts';
import { changeWhere, edgesOfOperand, fieldsOfOperand, rowsOfOperand, withInside } from './operand.ts';
import { pasts, windows } from './time-unit.ts';

/** What `mapped` puts in the place of a node's parts. */
export interface Change {
  condition(part: Condition): Condition;
  operand<O extends Operand>(part: O): O;
}

/** The parts of a node. Filters of operands are parts of the operands. */
interface Parts<C extends Condition> {
  conditions(node: C): readonly Condition[];
  operands(node: C): readonly Operand[];
  /** Fields that it names without an operand. */
  fields(node: C): readonly Field[];
  /** The relation whose rows `conditions` are read of; absent where they are read of the same row. */
  relation(node: C): string | undefined;
  /** Keys of other segments. */
  segments(node: C): readonly string[];
  /** It compares text without case, so its meaning depends on the collation for case folding. */
  ignoresCase(node: C): boolean;
  /** The same node over changed conditions and operands. */
  mapped(node: C, change: Change): C;
}

export interface ConditionShape<C extends Condition> extends Parts<C> {
  /** It reads the clock itself. An operand that does says so in operand.ts. */
  readonly readsClock: boolean;
  /** How many edges of time it makes itself, at most: temporal/edge.ts makes them, equal ones once. */
  edges(node: C): number;
}

const none = (): readonly never[] => [];
const absent = (): undefined => undefined;

/** Nothing inside. */
function single<C extends Condition>(): Parts<C> {
  return {
    conditions: none,
    operands: none,
    fields: none,
    relation: absent,
    segments: none,
    ignoresCase: () => false,
    mapped: (node) => node,
  };
}

function group<C extends ConditionOf<'and' | 'or'>>(): Parts<C> {
  return {
    ...single<C>(),
    conditions: (node) => node.children,
    mapped: (node, change) => ({ ...node, children: node.children.map((child) => change.condition(child)) }),
  };
}

function overOperand<C extends Extract<Condition, { readonly operand: Operand }>>(): Parts<C> {
  return {
    ...single<C>(),
    operands: (node) => [node.operand],
    mapped: (node, change) => ({ ...node, operand: change.operand<C['operand']>(node.operand) }),
  };
}

function overField<C extends Extract<Condition, { readonly field: Field }>>(): Parts<C> {
  return { ...single<C>(), fields: (node) => [node.field] };
}

const timeless = { readsClock: false, edges: (): number => 0 } as const;

export const conditionShapes: { readonly [K in ConditionKind]: ConditionShape<ConditionOf<K>> } = {
  constant: { ...single<ConditionOf<'constant'>>(), ...timeless },
  and: { ...group<ConditionOf<'and'>>(), ...timeless },
  or: { ...group<ConditionOf<'or'>>(), ...timeless },
  not: {
    ...single<ConditionOf<'not'>>(),
    conditions: (node) => [node.child],
    mapped: (node, change) => ({ ...node, child: change.condition(node.child) }),
    ...timeless,
  },
  compare: {
    ...single<ConditionOf<'compare'>>(),
    operands: ({ left, right }) => (right.kind === 'literal' ? [left] : [left, right]),
    mapped: (node, change) => ({
      ...node,
      left: change.operand(node.left),
      right: node.right.kind === 'literal' ? node.right : change.operand(node.right),
    }),
    readsClock: false,
    edges({ left, operator, right }) {
      if (right.kind === 'literal') return edgesOfOperand(left)?.withLiteral(operator) ?? 0;
      return (edgesOfOperand(left)?.withOperand ?? 0) + (edgesOfOperand(right)?.withOperand ?? 0);
    },
  },
  compare_day: {
    ...single<ConditionOf<'compare_day'>>(),
    operands: ({ left }) => [left],
    mapped: (node, change) => ({ ...node, left: change.operand(node.left) }),
    ...timeless,
  },
  missing: { ...overOperand<ConditionOf<'missing'>>(), ...timeless },
  empty: { ...overField<ConditionOf<'empty'>>(), ...timeless },
  in: {
    ...overOperand<ConditionOf<'in'>>(),
    readsClock: false,
    edges: ({ operand, values }) => edgesOfOperand(operand)?.inList(values) ?? 0,
  },
  text: { ...overOperand<ConditionOf<'text'>>(), ignoresCase: ({ fold }) => fold, ...timeless },
  array: { ...overField<ConditionOf<'array'>>(), ...timeless },
  // A value is in the future until now reaches it.
  tense: { ...overOperand<ConditionOf<'tense'>>(), readsClock: true, edges: () => 1 },
  window: {
    ...overOperand<ConditionOf<'window'>>(),
    readsClock: true,
    edges: ({ operator }) => windows[operator].ends.length,
  },
  calendar_window: {
    ...overOperand<ConditionOf<'calendar_window'>>(),
    readsClock: true,
    edges: ({ operator }) => windows[operator].ends.length,
  },
  // The day on which it begins, and the day on which the next one does.
  period: { ...overOperand<ConditionOf<'period'>>(), readsClock: true, edges: () => 2 },
  // A date enters the window on one day and leaves it on another.
  anniversary: { ...overField<ConditionOf<'anniversary'>>(), readsClock: true, edges: () => 2 },
  // As for a period.
  anniversary_period: { ...overField<ConditionOf<'anniversary_period'>>(), readsClock: true, edges: () => 2 },
  within_km: {
    ...single<ConditionOf<'within_km'>>(),
    fields: ({ latitude, longitude }) => [latitude, longitude],
    ...timeless,
  },
  some: {
    ...single<ConditionOf<'some'>>(),
    conditions: ({ where }) => [where],
    relation: ({ relation }) => relation,
    mapped: (node, change) => ({ ...node, where: change.condition(node.where) }),
    ...timeless,
  },
  among: {
    ...single<ConditionOf<'among'>>(),
    conditions: ({ where }) => [where],
    fields: ({ time, rowKey }) => [time, ...rowKey],
    mapped: (node, change) => ({ ...node, where: change.condition(node.where) }),
    ...timeless,
  },
  admitted: {
    ...single<ConditionOf<'admitted'>>(),
    conditions: ({ where }) => [where],
    mapped: (node, change) => ({ ...node, where: change.condition(node.where) }),
    ...timeless,
  },
  segment: { ...single<ConditionOf<'segment'>>(), segments: ({ key }) => [key], ...timeless },
  past: {
    ...single<ConditionOf<'past'>>(),
    segments: ({ key }) => [key],
    readsClock: true,
    edges: ({ operator }) => windows[pasts[operator].window].ends.length,
  },
  override: { ...single<ConditionOf<'override'>>(), ...timeless },
};

/** The row of the node's own kind. */
export function shapeOf(node: Condition): ConditionShape<Condition> {
  return conditionShapes[node.kind];
}

/** The values that a node compares, and every value inside them; none for groups and for kinds that name a field (`empty`, `array`, `anniversary`, …). */
export function operandsOf(node: Condition): readonly Operand[] {
  return shapeOf(node).operands(node).flatMap(withInside);
}

/** The conjuncts of a condition. */
export function conjunctsOf(condition: Condition): readonly Condition[] {
  return condition.kind === 'and' ? condition.children : [condition];
}

/** The limit on the rows that a filter lets through, and what is asked of these rows beside. */
export function limitOf(where: Condition): {
  readonly limit: ConditionOf<'among'> | undefined;
  readonly rest: readonly Condition[];
} {
  const parts = conjunctsOf(where);
  const limit = parts.find((part) => part.kind === 'among');
  return { limit, rest: parts.filter((part) => part !== limit) };
}

/** A condition inside another, and the relation whose rows it is read of; absent where it is the same row. */
export interface Child {
  readonly condition: Condition;
  readonly relation: string | undefined;
}

/** The conditions right inside a node, the filters of its operands included. */
export function childrenOf(node: Condition): readonly Child[] {
  const shape = shapeOf(node);
  const relation = shape.relation(node);
  return [
    ...shape.conditions(node).map((condition) => ({ condition, relation })),
    ...operandsOf(node).flatMap((operand) => {
      const rows = rowsOfOperand(operand);
      return rows ? [{ condition: rows.where, relation: rows.relation }] : [];
    }),
  ];
}

/** The same node with the conditions inside it changed, those of its operands included. */
export function mapChildren(node: Condition, change: (child: Condition) => Condition): Condition {
  return shapeOf(node).mapped(node, { condition: change, operand: (operand) => changeWhere(operand, change) });
}

/** The conditions that decide whether the rows count whose fields a node names: those of to-one relations have no filter beside them. */
function admissionsIn(node: Condition): readonly Condition[] {
  const fields = [...shapeOf(node).fields(node), ...operandsOf(node).flatMap(fieldsOfOperand)];
  return fields.flatMap(admissionsOf).map(({ where }) => where);
}

/**
 * Visits a condition and every condition inside it and behind the fields that it names, once for each relation that it is read of. An `if` that was written out
 * shares subtrees, so the number of visits is linear in what was written.
 */
export function walk(condition: Condition, visit: (node: Condition, relation: string | undefined) => void): void {
  const seen = new Map<string | undefined, Set<Condition>>();
  const walkIn = (node: Condition, relation: string | undefined): void => {
    const done = seen.get(relation) ?? new Set();
    seen.set(relation, done);
    if (done.has(node)) return;
    done.add(node);
    visit(node, relation);
    for (const child of childrenOf(node)) walkIn(child.condition, child.relation ?? relation);
    for (const where of admissionsIn(node)) walkIn(where, relation);
  };
  walkIn(condition, undefined);
}
