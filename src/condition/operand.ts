/**
 * One table with a row for each kind of operand: what it reads, its type, whether it can be missing, whether time moves
 * it. References, edges, limits, checks and words read this table. Invariant: an operand's every field, relation and
 * filter is named here; what is not named is not captured, and a missed change is a wrong member. Pure.
 */
import type { Family, Field } from '../catalogue/catalogue.ts';
import { ageRanges } from './age-range.ts';
import { aggregateShape, pickShape } from './aggregate.ts';
import type {
  Comparison,
  Condition,
  DerivedName,
  DerivedOperand,
  Literal,
  Operand,
  OperandKind,
  OperandOf,
} from './ast.ts';
import { comparisons } from './comparison.ts';

/** What a value may be compared with. */
export interface ValueType {
  readonly family: Family;
  readonly array: boolean;
  /** Its name in messages, e.g. `` `country` ``. */
  readonly called: string;
  /** Labels of an enum: the only values that it takes. */
  readonly labels?: readonly string[];
  /** The least and the greatest whole number that it may be compared with. */
  readonly range?: readonly [number, number];
}

/** The rows that an operand is computed over. */
export interface OperandRows {
  readonly relation: string;
  readonly where: Condition;
}

/** How many edges of time a comparison of the operand makes, at most. */
export interface ComparedEdges {
  withLiteral(operator: Comparison): number;
  readonly withOperand: number;
  inList(values: readonly Literal[]): number;
}

export interface OperandShape<O extends Operand> {
  /** Absent where it is read of the row in scope. */
  rows(operand: O): OperandRows | undefined;
  /** The field whose values it is made of; absent for a count. */
  source(operand: O): Field | undefined;
  /** Fields that decide among rows and are not its value. */
  alsoReads(operand: O): readonly Field[];
  /** The same operand over rows that satisfy another filter. */
  withWhere(operand: O, change: (where: Condition) => Condition): O;
  type(operand: O): ValueType;
  /**
   * Whether it may be compared with null: `offered`; `never missing`, because no rows make 0; `by its field`, which is
   * missing when the operand is.
   */
  missing(operand: O): 'offered' | 'never missing' | 'by its field';
  /** `timeless`: only a change of a row changes the value. */
  readonly edges: ComparedEdges | 'timeless';
}

const noRows = (): undefined => undefined;
const nothingElse = (): readonly Field[] => [];

export interface DerivedShape {
  /** Families of the field that it is derived of. */
  readonly families: readonly Family[];
  readonly range: readonly [number, number];
}

export const derived = {
  age: { families: ['date'], range: [0, 9999] },
  weekday: { families: ['date', 'instant'], range: [1, 7] },
  anniversary_month: { families: ['date'], range: [1, 12] },
} as const satisfies Readonly<Record<DerivedName, DerivedShape>>;

/** A whole number that is computed of a date. */
function derivedShape<O extends DerivedOperand>(kind: O['kind'], edges: ComparedEdges | 'timeless'): OperandShape<O> {
  return {
    rows: noRows,
    source: (operand) => operand.field,
    alsoReads: nothingElse,
    withWhere: (operand) => operand,
    type: () => ({ family: 'number', array: false, called: `\`${kind}\``, range: derived[kind].range }),
    missing: () => 'by its field',
    edges,
  };
}

const labelsOf = ({ labels }: Field): Pick<ValueType, 'labels'> => (labels ? { labels } : {});

export const operandShapes: { readonly [K in OperandKind]: OperandShape<OperandOf<K>> } = {
  field: {
    rows: noRows,
    source: ({ field }) => field,
    alsoReads: nothingElse,
    withWhere: (operand) => operand,
    type: ({ field }) => ({
      family: field.family,
      array: field.array,
      called: `\`${field.name}\``,
      ...labelsOf(field),
    }),
    missing: () => 'offered',
    edges: 'timeless',
  },
  aggregate: {
    rows: ({ relation, where }) => ({ relation, where }),
    source: ({ field }) => field,
    alsoReads: nothingElse,
    withWhere: (operand, change) => ({ ...operand, where: change(operand.where) }),
    type: ({ function: name, field }) => {
      const { value, word } = aggregateShape(name);
      const family = value === 'number' ? 'number' : (field?.family ?? 'number');
      return { family, array: false, called: `\`${word}\`` };
    },
    missing: ({ function: name }) => (aggregateShape(name).onNoRows === 'zero' ? 'never missing' : 'offered'),
    edges: 'timeless',
  },
  pick: {
    rows: ({ relation, where }) => ({ relation, where }),
    source: ({ field }) => field,
    alsoReads: ({ time }) => [time],
    withWhere: (operand, change) => ({ ...operand, where: change(operand.where) }),
    type: ({ which, field }) => ({
      family: field.family,
      array: false,
      called: `\`${pickShape(which).word}\` of \`${field.name}\``,
      ...labelsOf(field),
    }),
    missing: () => 'offered',
    edges: 'timeless',
  },
  age: derivedShape<OperandOf<'age'>>('age', {
    // An equality begins to hold on one birthday and ends on the next.
    withLiteral: (operator) => (comparisons[operator].needsOrder ? 1 : 2),
    withOperand: 1,
    inList: (values) => 2 * ageRanges(values.map(({ value }) => value)).length,
  }),
  weekday: derivedShape<OperandOf<'weekday'>>('weekday', 'timeless'),
  anniversary_month: derivedShape<OperandOf<'anniversary_month'>>('anniversary_month', 'timeless'),
};

/** The row of the operand's own kind. */
function shapeOf(operand: Operand): OperandShape<Operand> {
  return operandShapes[operand.kind];
}

/** The rows that it is computed over; absent where it is read of the row in scope. */
export function rowsOfOperand(operand: Operand): OperandRows | undefined {
  return shapeOf(operand).rows(operand);
}

/** Every field that it reads, those of its filter left out: first the field whose value it is. */
export function fieldsOfOperand(operand: Operand): readonly Field[] {
  const shape = shapeOf(operand);
  const source = shape.source(operand);
  return source ? [source, ...shape.alsoReads(operand)] : shape.alsoReads(operand);
}

/** The field whose values it is made of; absent for a count. */
export function sourceOfOperand(operand: Operand): Field | undefined {
  return shapeOf(operand).source(operand);
}

/** The same operand with its filter changed; an operand without a filter is returned as it is. */
export function changeWhere<O extends Operand>(operand: O, change: (where: Condition) => Condition): O {
  return shapeOf(operand).withWhere(operand, change) as O;
}

export function typeOfOperand(operand: Operand): ValueType {
  return shapeOf(operand).type(operand);
}

export function missingOfOperand(operand: Operand): 'offered' | 'never missing' | 'by its field' {
  return shapeOf(operand).missing(operand);
}

/** How many edges of time a comparison of it makes at most; absent when its value stands still while no row changes. */
export function edgesOfOperand(operand: Operand): ComparedEdges | undefined {
  const { edges } = shapeOf(operand);
  return edges === 'timeless' ? undefined : edges;
}
