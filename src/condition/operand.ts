/**
 * One table with a row for each kind of operand: what it reads, its type, whether it can be missing, whether time moves
 * it. References, edges, limits, checks and words read this table. Invariant: an operand's every field, relation and
 * filter is named here; what is not named is not captured, and a missed change is a wrong member. Pure.
 */
import type { Family, Field } from '../catalogue/catalogue.ts';
import { ageRanges } from './age-range.ts';
import { aggregateShape, pickShape } from './aggregate.ts';
import { writtenName } from './around-field.ts';
import type {
  Comparison,
  Condition,
  DerivedName,
  DerivedOperand,
  Literal,
  MeasureName,
  MeasureOperand,
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
  /** Words for values, by the value's text: a literal may be either. */
  readonly words?: Readonly<Record<string, string>>;
  /** The least and the greatest whole number that it may be compared with. */
  readonly range?: readonly [number, number];
  /** Of a column whose type is not compared: its type and its name in Postgres. */
  readonly sqlType?: string;
  readonly column?: string;
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
  /** Operands right inside it. Those of an aggregate are read of its rows. */
  operands(operand: O): readonly Operand[];
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
  /** `timeless`: only a change of a row changes the value, or what stands inside it. */
  readonly edges: ComparedEdges | 'timeless';
}

const noRows = (): undefined => undefined;
const nothingElse = (): readonly Field[] => [];
const nothingInside = (): readonly Operand[] => [];

export interface DerivedShape {
  /** Families of the field that it is derived of. */
  readonly families: readonly Family[];
  readonly range: readonly [number, number];
}

export const derived = {
  age: { families: ['date'], range: [0, 9999] },
  weekday: { families: ['date', 'instant'], range: [1, 7] },
  anniversary_month: { families: ['date', 'instant'], range: [1, 12] },
} as const satisfies Readonly<Record<DerivedName, DerivedShape>>;

/** A whole number that is computed of the value of a field. */
function wholeOfField<O extends DerivedOperand | MeasureOperand>(
  kind: O['kind'],
  range: readonly [number, number],
  edges: ComparedEdges | 'timeless' = 'timeless',
): OperandShape<O> {
  return {
    rows: noRows,
    operands: nothingInside,
    source: (operand) => operand.field,
    alsoReads: nothingElse,
    withWhere: (operand) => operand,
    type: () => ({ family: 'number', array: false, called: `\`${kind}\``, range }),
    missing: () => 'by its field',
    edges,
  };
}

/** Of a date. */
function derivedShape<O extends DerivedOperand>(kind: O['kind'], edges: ComparedEdges | 'timeless'): OperandShape<O> {
  return wholeOfField<O>(kind, derived[kind].range, edges);
}

export interface MeasureShape {
  /** Families of the field that it is measured of; any family when absent. */
  readonly families?: readonly Family[];
  /** Whether that field is an array. */
  readonly array: boolean;
}

export const measures = {
  length: { families: ['text'], array: false },
  size: { array: true },
} as const satisfies Readonly<Record<MeasureName, MeasureShape>>;

/** No text and no array of Postgres is larger. */
const LARGEST = 2_147_483_647;

/** How large the value of a field is. */
function measureShape<O extends MeasureOperand>(kind: O['kind']): OperandShape<O> {
  return wholeOfField<O>(kind, [0, LARGEST]);
}

const wordsOf = ({ about }: Field): Pick<ValueType, 'words'> => (about?.values ? { words: about.values } : {});

const labelsOf = (field: Field): Pick<ValueType, 'labels' | 'words'> => ({
  ...(field.labels ? { labels: field.labels } : {}),
  ...wordsOf(field),
});

export const operandShapes: { readonly [K in OperandKind]: OperandShape<OperandOf<K>> } = {
  field: {
    rows: noRows,
    operands: nothingInside,
    source: ({ field }) => field,
    alsoReads: nothingElse,
    withWhere: (operand) => operand,
    type: ({ field }) => ({
      family: field.family,
      array: field.array,
      ...(field.family === 'other' ? { sqlType: field.sqlType, column: field.column } : {}),
      called: `\`${writtenName(field)}\``,
      ...labelsOf(field),
    }),
    missing: () => 'offered',
    edges: 'timeless',
  },
  aggregate: {
    rows: ({ relation, where }) => ({ relation, where }),
    operands: ({ of }) => (of ? [of] : []),
    source: ({ field }) => field,
    alsoReads: nothingElse,
    withWhere: (operand, change) => ({ ...operand, where: change(operand.where) }),
    type: ({ function: name, field }) => {
      const { value, word } = aggregateShape(name);
      const family = value === 'number' ? 'number' : (field?.family ?? 'number');
      return { family, array: false, called: `\`${word}\``, ...(field && value !== 'number' ? wordsOf(field) : {}) };
    },
    missing: ({ function: name }) => (aggregateShape(name).onNoRows === 'zero' ? 'never missing' : 'offered'),
    edges: 'timeless',
  },
  pick: {
    rows: ({ relation, where }) => ({ relation, where }),
    operands: nothingInside,
    source: ({ field }) => field,
    alsoReads: ({ time }) => [time],
    withWhere: (operand, change) => ({ ...operand, where: change(operand.where) }),
    type: ({ which, field }) => ({
      family: field.family,
      array: false,
      called: `\`${pickShape(which).word}\` of \`${writtenName(field)}\``,
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
  length: measureShape<OperandOf<'length'>>('length'),
  size: measureShape<OperandOf<'size'>>('size'),
  arithmetic: {
    rows: noRows,
    operands: ({ terms }) => terms.filter((term) => term.kind !== 'literal'),
    source: () => undefined,
    alsoReads: nothingElse,
    withWhere: (operand, change) => ({
      ...operand,
      terms: operand.terms.map((term) => (term.kind === 'literal' ? term : changeWhere(term, change))),
    }),
    type: ({ operator }) => ({ family: 'number', array: false, called: `\`${operator}\`` }),
    missing: () => 'offered',
    edges: 'timeless',
  },
  moved: {
    rows: noRows,
    operands: ({ operand }) => [operand],
    source: () => undefined,
    alsoReads: nothingElse,
    withWhere: (operand, change) => ({ ...operand, operand: changeWhere(operand.operand, change) }),
    type: ({ direction }) => ({ family: 'instant', array: false, called: `\`${direction}\`` }),
    missing: () => 'offered',
    edges: 'timeless',
  },
  bucket: {
    rows: noRows,
    operands: nothingInside,
    source: () => undefined,
    alsoReads: nothingElse,
    withWhere: (operand) => operand,
    // Up to `of` itself, so that a share may grow to all contacts: `< of`.
    type: ({ of }) => ({ family: 'number', array: false, called: '`bucket`', range: [0, of] }),
    missing: () => 'never missing',
    edges: 'timeless',
  },
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

/** The operands right inside it. */
export function operandsInside(operand: Operand): readonly Operand[] {
  return shapeOf(operand).operands(operand);
}

/** The operand itself, and every operand inside it. */
export function withInside(operand: Operand): readonly Operand[] {
  return [operand, ...operandsInside(operand).flatMap(withInside)];
}

/** A sum over a count, or made of one: it is compared by multiplying the other side. */
export function isQuotient(operand: Operand): boolean {
  if (operand.kind === 'aggregate') return aggregateShape(operand.function).isQuotient;
  return operandsInside(operand).some(isQuotient);
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
  if (edges !== 'timeless') return edges;
  // Whatever value a result is compared with, each value inside it moves as if it were compared with any.
  const inside = operandsInside(operand).reduce((sum, one) => sum + (edgesOfOperand(one)?.withOperand ?? 0), 0);
  return inside === 0 ? undefined : { withLiteral: () => inside, withOperand: inside, inList: () => inside };
}
