/**
 * The edges of a condition: all the ways in which its answer can change while no row changes. Each time-dependent leaf is
 * made of tests `value <= b(now)`, where b depends on the clock alone. A row's answer can change between two instants only
 * when its value lies between b of the one and b of the other. An edge is the field and b; all segments share equal edges.
 * Invariant: an edge too many costs rechecks, an edge too few leaves a member in for ever. Pure.
 */
import { createHash } from 'node:crypto';
import { contactSource, relationSource, type Catalogue, type Field } from '../catalogue/catalogue.ts';
import { isWallClock, type Reading } from '../catalogue/text-reading.ts';
import type {
  AnniversaryUnit,
  Comparison,
  Condition,
  Literal,
  Operand,
  OperandKind,
  OperandOf,
  Unit,
} from '../condition/ast.ts';
import { plainField } from '../condition/around-field.ts';
import { byKind, type PerKind } from '../condition/kind.ts';
import { operandsInside, sourceOfOperand } from '../condition/operand.ts';
import { PAST_TIME } from '../condition/past-time.ts';
import { walk } from '../condition/shape.ts';
import { anniversaryDays, pasts, WHOLE_YEAR, windows, type PastShape } from '../condition/time-unit.ts';
import { agesAround, agesBetween } from './deciding-age.ts';
import { periodStep } from './period.ts';

/** b as a function of now. All but `rolling` are local dates in the edge's zone. */
export type Boundary =
  /** now + seconds, as the field's type: an instant, a wall clock, or (date) the local date of that instant. */
  | { readonly kind: 'rolling'; readonly seconds: number }
  /** The day before the k-th period from the current one begins. */
  | { readonly kind: 'period'; readonly unit: Unit; readonly offset: number }
  /** Today moved by so many months, clamped at the month's end. */
  | { readonly kind: 'months'; readonly months: number }
  /** The latest birth date that is so many whole years old. */
  | { readonly kind: 'age'; readonly years: number }
  /** Not a bound of values: rows whose anniversary falls that many days from today. */
  | { readonly kind: 'anniversary'; readonly days: number }
  /** The same for the day before the k-th period from the current one begins. */
  | { readonly kind: 'anniversary_period'; readonly unit: AnniversaryUnit; readonly offset: number };

export type TimeType = 'timestamptz' | 'timestamp' | 'date';

/** Rows about the members of a segment: their time is when a contact entered, or when an event happened. */
export interface PastRows {
  /** Key of the segment. */
  readonly segment: string;
  readonly of: PastShape['of'];
}

/** What is stored of an edge, and what its key is made of. */
export interface EdgeDefinition {
  /** Source (`sourceKey` of the catalogue) whose rows carry the column; it decides how they lead to contacts. */
  readonly source: string;
  /** Of rows about members: `time`. */
  readonly column: string;
  readonly path?: readonly string[];
  /** Rows of segmentd's own about the members of another segment, instead of the source's rows. */
  readonly past?: PastRows;
  /** How the text of the column is read. */
  readonly reading?: Reading;
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
  walk(condition, (node) => {
    for (const { field, past, boundary } of byKind(boundaries, node)) {
      const edge = past
        ? pastEdge(past, boundary, catalogue)
        : edgeOf(plainField(field), boundary, catalogue, timezone);
      found.set(edge.key, edge);
    }
  });
  return [...found.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** What turns on a field, whichever rows carry it: its owner says that. */
interface PlacedBoundary {
  readonly field: Field;
  /** The rows about members whose time the field is. */
  readonly past?: PastRows;
  readonly boundary: Boundary;
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
  tense: ({ operand }) => [{ field: fieldOf(operand), boundary: { kind: 'rolling', seconds: 0 } }],
  window({ operand, operator, seconds }) {
    const field = fieldOf(operand);
    return windows[operator].ends.map((end) => ({ field, boundary: { kind: 'rolling', seconds: end * seconds } }));
  },
  // The ends are those of a window of a fixed length; all but the present are days.
  calendar_window({ operand, operator, months }) {
    const field = fieldOf(operand);
    return windows[operator].ends.map((end) => ({
      field,
      boundary: end === 0 ? { kind: 'rolling', seconds: 0 } : { kind: 'months', months: end * months },
    }));
  },
  period({ operand, unit, offset }) {
    const field = fieldOf(operand);
    return periodStarts(unit, offset).map((start) => ({ field, boundary: { kind: 'period', unit, offset: start } }));
  },
  // A date enters as the window's last day and leaves the day after the first.
  anniversary({ field, direction, days }) {
    if (days >= WHOLE_YEAR) return [];
    const { from, to } = anniversaryDays[direction](days);
    return [to, from - 1].map((shift) => ({ field, boundary: { kind: 'anniversary', days: shift } }));
  },
  anniversary_period({ field, unit, offset }) {
    return periodStarts(unit, offset).map((start) => ({
      field,
      boundary: { kind: 'anniversary_period', unit, offset: start },
    }));
  },
  within_km: none,
  some: none,
  among: none,
  admitted: none,
  segment: none,
  past({ operator, key, seconds }) {
    const { of, window } = pasts[operator];
    return windows[window].ends.map((end) => ({
      field: PAST_TIME,
      past: { segment: key, of },
      boundary: { kind: 'rolling', seconds: end * seconds },
    }));
  },
  override: none,
};

/** The periods whose begin moves days into the period and out of it. A period too far away to compute holds nothing, ever. */
function periodStarts(unit: Unit, offset: number): readonly number[] {
  return periodStep(unit, offset) === undefined ? [] : [offset, offset + 1];
}

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
    withOperand: (age) => [{ field: fieldOf(age), boundary: { kind: 'anniversary', days: 0 } }],
    inList: (age, values) => birthdays(age, agesAround(values.map(({ value }) => value))),
  },
  weekday: timeless,
  anniversary_month: timeless,
  length: timeless,
  arithmetic: timeless,
  size: timeless,
  moved: timeless,
  bucket: timeless,
};

function boundariesOfOperand(
  operand: Operand,
  ask: (turns: OperandTurns<Operand>, operand: Operand) => readonly PlacedBoundary[],
): readonly PlacedBoundary[] {
  return [...ask(turnsOfOperand[operand.kind], operand), ...boundariesInside(operand)];
}

/** What stands inside an operand turns it as it would turn a comparison with any value. */
function boundariesInside(operand: Operand): readonly PlacedBoundary[] {
  return operandsInside(operand).flatMap((inner) => boundariesOfOperand(inner, (turns, of) => turns.withOperand(of)));
}

function birthdays(age: Operand, years: readonly number[]): readonly PlacedBoundary[] {
  return years.map((year) => ({ field: fieldOf(age), boundary: { kind: 'age', years: year } }));
}

/** Aggregates and picks are values of the rows under them, so those rows' crossings are theirs. */
function fieldOf(operand: Operand): Field {
  const field = sourceOfOperand(operand);
  if (!field) throw new Error('a count has no time');
  return field;
}

function edgeOf(field: Field, boundary: Boundary, catalogue: Catalogue, timezone: string): Edge {
  const relation = catalogue.relations.get(field.owner);
  const definition = define(
    field,
    boundary,
    relation ? relationSource(relation) : contactSource(catalogue),
    catalogue,
    timezone,
  );
  return { ...definition, key: keyOf(definition), field, ...(relation ? { relation: relation.name } : {}) };
}

/** Its contacts are what a crossing names, so its source is theirs. */
function pastEdge(past: PastRows, boundary: Boundary, catalogue: Catalogue): Edge {
  const definition: EdgeDefinition = {
    source: contactSource(catalogue),
    column: PAST_TIME.column,
    past,
    type: 'timestamptz',
    boundary,
  };
  return { ...definition, key: keyOf(definition), field: PAST_TIME };
}

function define(
  field: Field,
  boundary: Boundary,
  source: string,
  catalogue: Catalogue,
  timezone: string,
): EdgeDefinition {
  const type = typeOf(field);
  const of = {
    source,
    column: field.column,
    ...(field.path ? { path: field.path } : {}),
    ...(field.reading === undefined ? {} : { reading: field.reading }),
    type,
    boundary,
  };
  if (type === 'date') return { ...of, zone: timezone };
  if (boundary.kind !== 'rolling')
    return { ...of, zone: timezone, ...(type === 'timestamp' ? { timestamps: catalogue.timestamps } : {}) };
  return type === 'timestamp' ? { ...of, zone: catalogue.timestamps } : of;
}

function typeOf(field: Field): TimeType {
  if (field.family === 'date') return 'date';
  return isWallClock(field) ? 'timestamp' : 'timestamptz';
}

function keyOf(definition: EdgeDefinition): string {
  const text = JSON.stringify(definition);
  return text.length <= LONGEST_KEY ? text : `sha256 ${createHash('sha256').update(text).digest('hex')}`;
}

/** The edge as it is stored. */
export function definitionOf({ key: _key, field: _field, relation: _relation, ...definition }: Edge): EdgeDefinition {
  return definition;
}
