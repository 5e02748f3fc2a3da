/**
 * The base filter, `contacts.where` of the config. It must not read a segment, because every segment has the filter and-ed
 * in. A process refuses a wrong filter when it starts; a running worker freezes the segments that it can no longer plan.
 */
import type { Catalogue } from '../../catalogue/catalogue.ts';
import { checkCondition, type Checked } from './check-condition.ts';
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
