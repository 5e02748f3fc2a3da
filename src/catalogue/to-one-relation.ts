/**
 * Relations of which at most one row belongs to each row of the place where a condition is read: the company of a contact, the product of
 * an item. Their fields are values there, by name: `company.name`. Pure.
 */
import { CONTACT, relationPath, type Catalogue, type Field, type Relation } from './catalogue.ts';

const known = new WeakMap<Catalogue, Map<string, ReadonlyMap<string, Relation>>>();

/**
 * The relations that are to-one where the rows of `relation` are read, or the contact, by name. Those that `relation` goes through are
 * left out: their rows are in scope themselves.
 */
export function toOneRelations(catalogue: Catalogue, relation?: string): ReadonlyMap<string, Relation> {
  const places = known.get(catalogue) ?? new Map<string, ReadonlyMap<string, Relation>>();
  known.set(catalogue, places);
  const name = relation ?? CONTACT;
  const found =
    places.get(name) ?? new Map([...catalogue.relations].filter(([, one]) => isToOne(catalogue, one, relation)));
  places.set(name, found);
  return found;
}

function isToOne(catalogue: Catalogue, relation: Relation, place: string | undefined): boolean {
  const inScope = namesInScope(catalogue, place);
  return !inScope.has(relation.name) && stepsFrom(catalogue, relation, inScope)?.every(({ unique }) => unique) === true;
}

/** Whose rows are in scope: the contact, or a relation and those that it goes through. */
export function namesInScope(catalogue: Catalogue, relation: string | undefined): ReadonlySet<string> {
  return new Set(relation === undefined ? [CONTACT] : relationPath(catalogue, relation).map(({ name }) => name));
}

/** The relation and those on the way from it to a row in scope, the nearest to that row last; undefined where no way leads to one. */
export function stepsFrom(
  catalogue: Catalogue,
  relation: Relation,
  inScope: { has(name: string): boolean },
): readonly Relation[] | undefined {
  const steps: Relation[] = [];
  for (let next: Relation | undefined = relation; next;) {
    steps.push(next);
    const before: string = next.link.kind === 'through' ? next.link.relation : CONTACT;
    if (inScope.has(before)) return steps;
    next = catalogue.relations.get(before);
  }
  return undefined;
}

/** Which of the rows in scope a field belongs to: the one that carries it, or the one that leads to its row. */
export function originOf(catalogue: Catalogue, place: string | undefined, { owner }: Field): string {
  const inScope = namesInScope(catalogue, place);
  if (inScope.has(owner)) return owner;
  const relation = catalogue.relations.get(owner);
  const last = relation && stepsFrom(catalogue, relation, inScope)?.at(-1);
  if (!last) throw new Error(`${owner} is not in scope`);
  return last.link.kind === 'through' ? last.link.relation : CONTACT;
}
