/**
 * The edges of a condition: all the ways in which its answer can change though no row does. Each time-dependent leaf is
 * made of questions `value <= b(now)`, where b only depends on the clock; a row's answer can change between two
 * instants only if its value lies between b of the one and b of the other. An edge is the field and b; equal ones are
 * shared by all segments. Invariant: too many cost rechecks, one too few is a member who stays for ever. Pure.
 */
import { createHash } from 'node:crypto';
import { unreachable } from '../base/unreachable.ts';
import { contactSource, relationSource, type Catalogue, type Field } from '../catalogue/catalogue.ts';
import type { Condition, DerivedOperand, Operand, Unit } from '../condition/ast.ts';
import { childrenOf, operandsOf } from '../condition/normalise.ts';
import { agesAround, agesBetween } from './age.ts';
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

/** Keys are unique in an index, which takes some 2,700 bytes. */
const LONGEST_KEY = 1_000;

/** An edge that looks at whole days: nothing can cross while the local date stands still. */
export function isDaily(edge: EdgeDefinition): boolean {
  return edge.type === 'date' || edge.boundary.kind !== 'rolling';
}

/** All edges of a checked condition, each once, in order of their keys. */
export function edgesOf(condition: Condition, catalogue: Catalogue, timezone: string): readonly Edge[] {
  const found = new Map<string, Edge>();
  const seen = new Map<string, Set<Condition>>();
  const visit = (node: Condition, relation: string | undefined): void => {
    // Lowered `if`s share subtrees.
    const place = relation ?? '';
    const done = seen.get(place) ?? new Set();
    seen.set(place, done);
    if (done.has(node)) return;
    done.add(node);
    for (const { field, boundary } of boundariesOf(node)) {
      const edge = edgeOf(field, boundary, relation !== undefined, catalogue, timezone);
      found.set(edge.key, edge);
    }
    for (const child of childrenOf(node)) visit(child, scopeOf(node, child, relation));
  };
  visit(condition, undefined);
  return [...found.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** The relation in whose rows a child is read. */
function scopeOf(node: Condition, child: Condition, outer: string | undefined): string | undefined {
  if (node.kind === 'some') return node.relation;
  for (const operand of operandsOf(node))
    if ((operand.kind === 'aggregate' || operand.kind === 'pick') && operand.where === child) return operand.relation;
  return outer;
}

interface FieldBoundary {
  readonly field: Place;
  readonly boundary: Boundary;
}

/** A field, and whether it belongs to the rows of an operand rather than to the scope that the leaf stands in. */
interface Place {
  readonly field: Field;
  readonly related: boolean;
}

function boundariesOf(node: Condition): readonly FieldBoundary[] {
  switch (node.kind) {
    case 'window': {
      const field = placeOf(node.operand);
      const rolling = (seconds: number): FieldBoundary => ({ field, boundary: { kind: 'rolling', seconds } });
      const ends = {
        in_last: [0, -node.seconds],
        before_last: [-node.seconds],
        in_next: [0, node.seconds],
      } as const satisfies Record<typeof node.operator, readonly number[]>;
      return ends[node.operator].map(rolling);
    }
    case 'period': {
      const field = placeOf(node.operand);
      const { unit, offset } = node;
      // A period too far away to reckon with holds nothing, today and tomorrow.
      const starts = periodStep(unit, offset) === undefined ? [] : [offset, offset + 1];
      return starts.map((k) => ({ field, boundary: { kind: 'period', unit, offset: k } }));
    }
    case 'anniversary':
      return anniversaries(node.field, node.days);
    case 'compare':
      return comparedAges(node);
    case 'in':
      if (node.operand.kind !== 'age') return [];
      return ages(node.operand, agesAround(node.values.map(({ value }) => value)));
    default:
      return [];
  }
}

/** Aggregates and picks are values of the rows under them, so those rows' crossings are theirs. */
function placeOf(operand: Operand): Place {
  switch (operand.kind) {
    case 'aggregate':
      if (!operand.field) throw new Error('a count has no time');
      return { field: operand.field, related: true };
    case 'pick':
      return { field: operand.field, related: true };
    case 'field':
    case 'age':
    case 'weekday':
    case 'anniversary_month':
      return { field: operand.field, related: false };
    default:
      return unreachable(operand);
  }
}

/** Today … today + days: a date enters as the window's last day and leaves the day after the first. */
function anniversaries(field: Field, days: number): readonly FieldBoundary[] {
  // A window of a year holds every day of it, always.
  if (days >= 365) return [];
  return [days, -1].map((shift) => ({
    field: { field, related: false },
    boundary: { kind: 'anniversary', days: shift },
  }));
}

function comparedAges(node: Condition & { kind: 'compare' }): readonly FieldBoundary[] {
  const { left, right, operator } = node;
  if (right.kind === 'literal') return left.kind === 'age' ? ages(left, agesBetween(operator, right.value)) : [];
  // Against another value any birthday may be the one.
  return [left, right].flatMap((side) =>
    side.kind === 'age'
      ? [{ field: placeOf(side), boundary: { kind: 'anniversary', days: 0 } } satisfies FieldBoundary]
      : [],
  );
}

function ages(operand: DerivedOperand, years: readonly number[]): readonly FieldBoundary[] {
  return years.map((age) => ({ field: placeOf(operand), boundary: { kind: 'age', years: age } }));
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
