/** What names mean where a condition is read: the row's own columns, those of rows in between, those of the one row that a row refers to. Pure. */
import { CONTACT, relationPath, type Catalogue, type Field, type Relation } from '../catalogue/catalogue.ts';
import { toOneRelations } from '../catalogue/to-one-relation.ts';

export { CONTACT };

const known = new WeakMap<Catalogue, Map<string, ReadonlyMap<string, Field>>>();

/** Every field by the name that conditions give it in the rows of `relation`, or of the contact. */
export function fieldsOfScope(catalogue: Catalogue, relation?: string): ReadonlyMap<string, Field> {
  const places = known.get(catalogue) ?? new Map<string, ReadonlyMap<string, Field>>();
  known.set(catalogue, places);
  const place = relation ?? CONTACT;
  const fields = places.get(place) ?? collect(catalogue, relation);
  places.set(place, fields);
  return fields;
}

function collect(catalogue: Catalogue, relation: string | undefined): ReadonlyMap<string, Field> {
  const [own, ...between] = relation === undefined ? [] : relationPath(catalogue, relation);
  const fields = new Map((own ?? catalogue.contacts).fields);
  // A jsonb path may contain a dot: the row's own column wins over another row's column of that spelling.
  const add = ({ name: owner, fields: of }: Relation): void => {
    for (const [name, field] of of) if (!fields.has(`${owner}.${name}`)) fields.set(`${owner}.${name}`, field);
  };
  between.forEach(add);
  [...toOneRelations(catalogue, relation).values()].forEach(add);
  return fields;
}
