/**
 * Which rows of a relation count: `relations.orders.where` of the config, checked once for a catalogue. Such a condition reads columns of the
 * row alone, so that a row counts for every contact or for none. `install` refuses a wrong one; a worker
 * freezes the segments that read such a relation.
 */
import { relationPath, type Catalogue, type Relation } from '../../catalogue/catalogue.ts';
import { admitFields, type Admission } from '../admission.ts';
import type { Condition } from '../ast.ts';
import type { Issue } from '../issue.ts';
import type { Checked } from './check-context.ts';

/** The `where` of each relation that has one, by the relation's name. */
export type Admissions = ReadonlyMap<string, Checked>;

const known = new WeakMap<Catalogue, Map<string, Checked>>();

/** @param check checks a condition over the rows of a relation */
export function admissionsIn(catalogue: Catalogue, check: (relation: Relation) => Checked): Admissions {
  const before = known.get(catalogue);
  if (before) return before;
  const found = new Map<string, Checked>();
  // The check of one of them asks for all of them again.
  known.set(catalogue, found);
  for (const relation of catalogue.relations.values())
    if (relation.where !== undefined) found.set(relation.name, check(relation));
  for (const { name } of catalogue.relations.values())
    admitFields(relationPath(catalogue, name), admissionsOfRows(catalogue, found, name));
  return found;
}

/** What rows of a relation, and the rows that they go through, satisfy when they count; a refused condition is left out. */
function admissionsOfRows(catalogue: Catalogue, found: Admissions, relation: string): readonly Admission[] {
  return relationPath(catalogue, relation).flatMap(({ name }) => {
    const checked = found.get(name);
    if (!checked?.ok || (checked.condition.kind === 'constant' && checked.condition.value)) return [];
    return [{ relation: name, where: checked.condition }];
  });
}

/** The rows of a relation that count, as a filter; `true` where all do. */
export function admittedRows(catalogue: Catalogue, found: Admissions, relation: string): Condition {
  const parts = admissionsOfRows(catalogue, found, relation).map((admission): Condition => ({
    kind: 'admitted',
    ...admission,
  }));
  const [only] = parts;
  if (only === undefined) return { kind: 'constant', value: true };
  return parts.length === 1 ? only : { kind: 'and', children: parts };
}

/** The relation of that name, or the nearest that it goes through, whose `where` is refused, and why. */
export function refusedOnWay(
  catalogue: Catalogue,
  found: Admissions,
  relation: string,
): { readonly name: string; readonly issue: Issue | undefined } | undefined {
  for (const { name } of relationPath(catalogue, relation)) {
    const checked = found.get(name);
    if (checked && !checked.ok) return { name, issue: checked.issues[0] };
  }
  return undefined;
}
