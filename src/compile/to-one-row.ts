/**
 * Leaves about the one row that a contact refers to, as questions whether such a row exists: `company.plan is pro` becomes "some company
 * whose plan is pro". So the members of a segment are found by the index of that table, or by one join, instead of a lookup a contact.
 * Both say the same: a comparison with a missing value is false, and where there is no row every value is missing. Pure.
 */
import { type Catalogue } from '../catalogue/catalogue.ts';
import { toOneRelations } from '../catalogue/to-one-relation.ts';
import type { Condition } from '../condition/ast.ts';
import { admittedRowsOf } from '../condition/check/check-condition.ts';
import { readsKey, relationsOf } from '../condition/references.ts';
import { readOfRow } from '../condition/row-read.ts';
import { conjunctsOf, mapChildren } from '../condition/shape.ts';

/** The same condition over contacts, its leaves about one to-one relation asked of the rows of that relation. */
export function throughRows(catalogue: Catalogue, condition: Condition): Condition {
  if (condition.kind === 'and' || condition.kind === 'or' || condition.kind === 'not')
    return mapChildren(condition, (child) => throughRows(catalogue, child));
  const relation = onlyRelation(catalogue, condition);
  if (relation === undefined) return condition;
  const some = (where: Condition): Condition => ({
    kind: 'some',
    relation,
    where: counting(catalogue, relation, where),
  });
  if (condition.kind !== 'missing' && condition.kind !== 'empty') return some(condition);
  return { kind: 'not', child: some({ kind: 'not', child: condition }) };
}

/** Of the rows that count. */
function counting(catalogue: Catalogue, relation: string, where: Condition): Condition {
  const counts = admittedRowsOf(catalogue, relation);
  return counts.kind === 'constant' ? where : { kind: 'and', children: [...conjunctsOf(counts), where] };
}

/** The to-one relation to which all that a leaf reads belongs. */
function onlyRelation(catalogue: Catalogue, leaf: Condition): string | undefined {
  const { own, contact, outer } = readOfRow(leaf);
  const owners = new Set([...own, ...contact, ...outer].map(({ owner }) => owner));
  const [owner, ...others] = owners;
  if (owner === undefined || others.length > 0 || relationsOf(leaf).size > 0 || readsKey(leaf)) return undefined;
  return toOneRelations(catalogue).has(owner) ? owner : undefined;
}
