/**
 * Fields of the rows around the one in scope: `contact.country` inside a relation is the contact's, `outer.placed_at` inside a relation
 * inside a relation is the enclosing row's. Such a field is a copy of the catalogue's that says so. Invariant: one copy for each field and
 * place, so that equal fields are the same object. Pure.
 */
import type { Around, Field } from '../catalogue/catalogue.ts';

const copies = new WeakMap<Field, Partial<Record<Around, Field>>>();
const originals = new WeakMap<Field, Field>();

/** The field as it is read of a row around the one in scope. @param field of the catalogue */
export function fieldAround(field: Field, around: Around): Field {
  const known = copies.get(field) ?? {};
  copies.set(field, known);
  const copy = known[around] ?? { ...field, around };
  known[around] = copy;
  originals.set(copy, field);
  return copy;
}

/** The catalogue's field. */
export function plainField(field: Field): Field {
  return originals.get(field) ?? field;
}

/** The name that a condition writes. */
export function writtenName({ name, around }: Pick<Field, 'name' | 'around'>): string {
  return around === undefined ? name : `${around}.${name}`;
}
