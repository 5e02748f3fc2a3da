/**
 * The base filter, `contacts.where` of the config: a condition in which no segment may stand, since every segment has it
 * and-ed in. Whoever starts with a config refuses a wrong one; a worker that is running freezes what it can no longer plan.
 */
import type { Catalogue } from '../../catalogue/catalogue.ts';
import { checkCondition, type Checked } from './check-condition.ts';
import { RefusedCondition } from '../refused-condition.ts';

/** In the catalogue's own zone; `true` when there is none. */
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
