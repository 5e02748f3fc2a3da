/**
 * Which rows of a relation count: its `where` in the catalogue, as conditions, by the fields of the relation. The check of a catalogue
 * (check/check-admission.ts) fills it before a name is resolved, so a reader of a condition finds what its fields depend on.
 * Invariant: a field belongs to relations of one meaning; a copy of a catalogue with another `where` needs fields of its own.
 */
import type { Field, Relation } from '../catalogue/catalogue.ts';
import { plainField } from './around-field.ts';
import type { Condition } from './ast.ts';

/** What a row of the relation satisfies when it counts. It reads fields of that row alone. */
export interface Admission {
  readonly relation: string;
  readonly where: Condition;
}

interface Known {
  readonly signature: string;
  readonly admissions: readonly Admission[];
}

const ofFields = new WeakMap<Field, Known>();

/**
 * @param path the relation, then those that it goes through @param admissions of these, in their order
 * @throws {Error} when a field is shared with a catalogue in which other rows count
 */
export function admitFields(path: readonly Relation[], admissions: readonly Admission[]): void {
  const signature = JSON.stringify(path.map(({ name, where }) => [name, where]));
  for (const field of path[0]?.fields.values() ?? []) {
    const known = ofFields.get(field);
    if (known && known.signature !== signature)
      throw new Error(`${field.owner}.${field.name} is a field of two catalogues in which different rows count`);
    ofFields.set(field, { signature, admissions });
  }
}

/** Of the relation whose field it is, and of those that it goes through, the nearest first. Empty where every row counts. */
export function admissionsOf(field: Field): readonly Admission[] {
  return ofFields.get(plainField(field))?.admissions ?? [];
}

/** The filter of a relation's rows as a person wrote it. */
export function withoutAdmissions(where: Condition): Condition {
  if (where.kind === 'admitted') return { kind: 'constant', value: true };
  if (where.kind !== 'and') return where;
  const children = where.children.filter(({ kind }) => kind !== 'admitted');
  const [only] = children;
  if (only === undefined) return { kind: 'constant', value: true };
  return children.length === 1 ? only : { kind: 'and', children };
}
