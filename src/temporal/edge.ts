/**
 * The edges of a condition: all the ways in which its answer can change while no row changes. Each time-dependent leaf is
 * made of tests `value <= b(now)`, where b depends on the clock alone. A row's answer can change between two instants only
 * when its value lies between b of the one and b of the other. An edge is the field and b; all segments share equal edges.
 * Invariant: an edge too many costs rechecks, an edge too few leaves a member in for ever. Pure.
 */
import { createHash } from 'node:crypto';
import { contactSource, relationSource, type Catalogue, type Field } from '../catalogue/catalogue.ts';
import type { Comparison, Condition, Literal, Operand, OperandKind, OperandOf, Unit } from '../condition/ast.ts';
import { byKind, type PerKind } from '../condition/kind.ts';
import { rowsOfOperand, sourceOfOperand } from '../condition/operand.ts';
import { walk } from '../condition/shape.ts';
import { WHOLE_YEAR, windows } from '../condition/time-unit.ts';
import { agesAround, agesBetween } from './deciding-age.ts';
import { periodStep } from './period.ts';

/** b as a function of now. All but `rolling` are local dates in the edge's zone. */
export type Boundary =
  /** now + seconds, as the field's type: an instant, a wall clock, or (date) the local date of that instant. */
  | { readonly kind: 'rolling'; readonly seconds: number }
  /** The day before the k-th period from the current one begins. */
  | { readonly kind: 'period'; readonly unit: Unit; readonly offset: number }
  /** The latest birth date that is so many whole years old. */
  | { readonly kind: 'age'; readonly years: number }
  /** Not a bound of values: rows whose anniversary falls that many days from today. */
  | { readonly kind: 'anniversary'; readonly days: number };

export type TimeType = 'timestamptz' | 'timestamp' | 'date';

/** What is stored of an edge, and what its key is made of. */
export interface EdgeDefinition {
  /** Source (`sourceKey` of the catalogue) whose rows carry the column; it decides how they lead to contacts. */
  readonly source: string;
  readonly column: string;
  readonly path?: readonly string[];
  readonly type: TimeType;
  readonly boundary: Boundary;
  /** Zone of local dates and wall clocks; absent where none matters. */
  readonly zone?: string;
  /** Zone in which a column without one is read, where days are taken of it. */
  readonly timestamps?: string;
}

export interface Edge extends EdgeDefinition {
  /** Canonical: equal for equal edges, whatever segment they come from. */
  readonly key: string;
  readonly field: Field;
  /** Relation whose rows carry the field; absent for a field of contacts. */
  readonly relation?: string;
}

/** Keys are unique in an index, whose entries hold some 2,700 bytes. */
const LONGEST_KEY = 1_000;

/** An edge that looks at whole days: nothing can cross while the local date stands still. */
export function isDaily(edge: EdgeDefinition): boolean {
  return edge.type === 'date' || edge.boundary.kind !== 'rolling';
}

/** All edges of a checked condition, each once, in order of their keys. */
export function edgesOf(condition: Condition, catalogue: Catalogue, timezone: string): readonly Edge[] {
  const found = new Map<string, Edge>();
  walk(condition, (node, relation) => {
    for (const { place, boundary } of byKind(boundaries, node)) {
      const edge = edgeOf(place, boundary, relation !== undefined, catalogue, timezone);
      found.set(edge.key, edge);
    }
  });
  return [...found.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

interface PlacedBoundary {
  readonly place: Place;
  readonly boundary: Boundary;
}

/** A field, and whether it belongs to the rows of an operand rather than to the scope that the leaf stands in. */
interface Place {
  readonly field: Field;
  readonly related: boolean;
}

const none = (): readonly PlacedBoundary[] => [];

/** What each kind of condition turns on. condition/shape.ts says how many at most, for the limit. */
const boundaries: PerKind<Condition, [], readonly PlacedBoundary[]> = {
  constant: none,
  and: none,
  or: none,
  not: none,
  compare({ left, operator, right }) {
    if (right.kind === 'literal')
      return boundariesOfOperand(left, (turns, of) => turns.withLiteral(of, operator, right));
    return [left, right].flatMap((side) => boundariesOfOperand(side, (turns, of) => turns.withOperand(of)));
  },
  compare_day: none,
  missing: none,
  empty: none,
  in: ({ operand, values }) => boundariesOfOperand(operand, (turns, of) => turns.inList(of, values)),
  text: none,
  array: none,
  window({ operand, operator, seconds }) {
    const place = placeOf(operand);
    return windows[operator].ends.map((end) => ({ place, boundary: { kind: 'rolling', seconds: end * seconds } }));
  },
  period({ operand, unit, offset }) {
    const place = placeOf(operand);
    // A period too far away to compute holds nothing, today and tomorrow.
    const starts = periodStep(unit, offset) === undefined ? [] : [offset, offset + 1];
    return starts.map((start) => ({ place, boundary: { kind: 'period', unit, offset: start } }));
  },
  // Today … today + days: a date enters as the window's last day and leaves the day after the first.
  anniversary({ field, days }) {
    if (days >= WHOLE_YEAR) return [];
    const place = { field, related: false };
    return [days, -1].map((shift) => ({ place, boundary: { kind: 'anniversary', days: shift } }));
  },
  some: none,
  segment: none,
  override: none,
};

/** What a comparison of an operand turns on, because time moves the operand's own value. */
interface OperandTurns<O extends Operand> {
  withLiteral(operand: O, operator: Comparison, literal: Literal): readonly PlacedBoundary[];
  withOperand(operand: O): readonly PlacedBoundary[];
  inList(operand: O, values: readonly Literal[]): readonly PlacedBoundary[];
}

const timeless: OperandTurns<Operand> = { withLiteral: none, withOperand: none, inList: none };

const turnsOfOperand: { readonly [K in OperandKind]: OperandTurns<OperandOf<K>> } = {
  field: timeless,
  aggregate: timeless,
  pick: timeless,
  age: {
    withLiteral: (age, operator, { value }) => birthdays(age, agesBetween(operator, value)),
    // Against another value any birthday may be the one.
    withOperand: (age) => [{ place: placeOf(age), boundary: { kind: 'anniversary', days: 0 } }],
    inList: (age, values) => birthdays(age, agesAround(values.map(({ value }) => value))),
  },
  weekday: timeless,
  anniversary_month: timeless,
};

function boundariesOfOperand(
  operand: Operand,
  ask: (turns: OperandTurns<Operand>, operand: Operand) => readonly PlacedBoundary[],
): readonly PlacedBoundary[] {
  return ask(turnsOfOperand[operand.kind], operand);
}

function birthdays(age: Operand, years: readonly number[]): readonly PlacedBoundary[] {
  return years.map((year) => ({ place: placeOf(age), boundary: { kind: 'age', years: year } }));
}

/** Aggregates and picks are values of the rows under them, so those rows' crossings are theirs. */
function placeOf(operand: Operand): Place {
  const field = sourceOfOperand(operand);
  if (!field) throw new Error('a count has no time');
  return { field, related: rowsOfOperand(operand) !== undefined };
}

function edgeOf(place: Place, boundary: Boundary, inRelation: boolean, catalogue: Catalogue, timezone: string): Edge {
  const { field } = place;
  const relation = place.related || inRelation ? catalogue.relations.get(field.owner) : undefined;
  const definition = define(
    field,
    boundary,
    relation ? relationSource(relation) : contactSource(catalogue),
    catalogue,
    timezone,
  );
  return { ...definition, key: keyOf(definition), field, ...(relation ? { relation: relation.name } : {}) };
}

function define(
  field: Field,
  boundary: Boundary,
  source: string,
  catalogue: Catalogue,
  timezone: string,
): EdgeDefinition {
  const type = typeOf(field);
  const of = { source, column: field.column, ...(field.path ? { path: field.path } : {}), type, boundary };
  if (type === 'date') return { ...of, zone: timezone };
  if (boundary.kind !== 'rolling')
    return { ...of, zone: timezone, ...(type === 'timestamp' ? { timestamps: catalogue.timestamps } : {}) };
  return type === 'timestamp' ? { ...of, zone: catalogue.timestamps } : of;
}

function typeOf(field: Field): TimeType {
  if (field.family === 'date') return 'date';
  return field.path === undefined && /^timestamp(?!.*with time zone)/.test(field.sqlType) ? 'timestamp' : 'timestamptz';
}

function keyOf(definition: EdgeDefinition): string {
  const text = JSON.stringify(definition);
  return text.length <= LONGEST_KEY ? text : `sha256 ${createHash('sha256').update(text).digest('hex')}`;
}

/** The edge as it is stored. */
export function definitionOf({ key: _key, field: _field, relation: _relation, ...definition }: Edge): EdgeDefinition {
  return definition;
}
