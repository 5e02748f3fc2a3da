/**
 * The filters of the config. The base filter, `contacts.where`, must not read a segment, because every segment has the filter and-ed
 * in. The `where` of a relation reads its rows alone (check-admission.ts). A process refuses a wrong base filter when it starts; a running
 * worker freezes the segments that it can no longer plan.
 */
import type { Catalogue } from '../../catalogue/catalogue.ts';
import { checkAdmissions, checkCondition } from './check-condition.ts';
import type { Checked } from './check-context.ts';
import { RefusedCondition } from '../refused-condition.ts';

/** The base filter as a condition in the catalogue's zone; `true` when the config has none. */
export function checkFilter(catalogue: Catalogue): Checked {
  const { where } = catalogue.contacts;
  if (where === undefined) return { ok: true, condition: { kind: 'constant', value: true } };
  return checkCondition(where, { catalogue, timezone: catalogue.timezone, place: 'contacts.where' });
}

/** @throws {RefusedCondition} */
export function refuseFilter(catalogue: Catalogue): void {
  const checked = checkFilter(catalogue);
  if (!checked.ok)
    throw new RefusedCondition('The base filter of the config, `contacts.where`, is refused.', checked.issues);
}

/** Relations whose `where` does not fit the tables, a sentence each. */
export function relationMisfits(catalogue: Catalogue): readonly string[] {
  return [...checkAdmissions(catalogue)].flatMap(([name, checked]) =>
    checked.ok ? [] : [`\`relations.${name}.where\`: ${checked.issues.map(({ message }) => message).join(' ')}`],
  );
}

/** Refuses a wrong base filter, and a wrong `where` of a relation. @throws {RefusedCondition} */
export function refuseFilters(catalogue: Catalogue): void {
  for (const [name, checked] of checkAdmissions(catalogue))
    if (!checked.ok)
      throw new RefusedCondition(`The filter \`relations.${name}.where\` of the config is refused.`, checked.issues);
  refuseFilter(catalogue);
}
