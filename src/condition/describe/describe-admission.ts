/** Which rows of a relation count, in words. Pure. */
import type { Catalogue } from '../../catalogue/catalogue.ts';
import { checkAdmissions } from '../check/check-condition.ts';
import { describeRowCondition } from './describe.ts';

/** What a row satisfies when it counts; undefined where every row does, and where the catalogue's condition is refused. */
export function describeAdmission(catalogue: Catalogue, relation: string): string | undefined {
  const checked = checkAdmissions(catalogue).get(relation);
  if (!checked?.ok) return undefined;
  const { condition } = checked;
  if (condition.kind === 'constant') return condition.value ? undefined : 'no row counts';
  return describeRowCondition(relation, condition, catalogue);
}
