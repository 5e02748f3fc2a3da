/**
 * The base filter, `contacts.where` of the config: a condition in which no segment may stand, since every segment has it
 * and-ed in.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { checkCondition, type Checked } from './check.ts';

/** In the catalogue's own zone; `true` when there is none. */
export function checkFilter(catalogue: Catalogue): Checked {
  const { where } = catalogue.contacts;
  if (where === undefined) return { ok: true, condition: { kind: 'constant', value: true } };
  return checkCondition(where, { catalogue, timezone: catalogue.timezone, place: 'contacts.where' });
}
