/**
 * The type of `segmentd.contact_key`: that of the contacts' key, a text key with the collation of its column, so that
 * joins between the two go through the team's index.
 */
import type { Catalogue, KeyType } from './catalogue.ts';

export interface KeyTypeOptions {
  readonly keyType: KeyType;
  readonly keyCollation?: { readonly schema: string; readonly name: string };
}

export function keyTypeOptions(catalogue: Catalogue): KeyTypeOptions {
  const { type, collation } = catalogue.contacts.key;
  return { keyType: type, ...(collation === undefined ? {} : { keyCollation: collation }) };
}
