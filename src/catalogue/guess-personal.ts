/**
 * Fields whose values name a person or lead to one, by their names: pages mask them where the config does not say otherwise, and known
 * values of them are listed nowhere. A guess: `display` in the config decides what pages show. Pure.
 */
import type { Family } from './catalogue.ts';
import { secretReason } from './guess-secret.ts';
import { wordsOf } from './identifier-word.ts';

/** A word alone is enough. */
const PERSONAL_WORDS: ReadonlySet<string> = new Set(
  `email emails mail phone phones telephone tel mobile cell cellphone msisdn fax whatsapp surname forename firstname lastname fullname
  nickname username login handle birthdate birthday dob ssn passport iban nif nie dni vat taxid address addresses street postcode zip
  zipcode latitude longitude lat lng lon ip ips instagram twitter facebook linkedin telegram signature`.split(/\s+/),
);
const PERSONAL_PHRASES =
  /^name$|\b(first|last|full|given|family|middle|maiden|display|user|contact|customer|person|nick|legal) names?\b|\be mail\b|\b(birth date|date of birth|postal code|zip code|ip address|social security|national id|tax id)\b/;
/** Types that hold no name and no address. A date of birth and coordinates are numbers and dates. */
const NEVER: ReadonlySet<Family> = new Set(['boolean', 'instant']);
/** Facts about an address, such as `email_status`, and yes or no. */
const FACT_ENDS: ReadonlySet<string> = new Set(
  'status state verified valid confirmed type kind count domain provider bounces bounced opens clicks optin consent country region language locale'.split(
    ' ',
  ),
);

/** @param owner name of the table or relation: `name` names a person only on the contact itself */
export function looksPersonal(name: string, family: Family, owner: string): boolean {
  if (NEVER.has(family)) return false;
  const words = wordsOf(name);
  if (FACT_ENDS.has(words.at(-1) ?? '')) return false;
  const phrase = words.join(' ');
  if (owner !== 'contact' && phrase === 'name') return false;
  return words.some((word) => PERSONAL_WORDS.has(word)) || PERSONAL_PHRASES.test(phrase);
}

/** Names of secrets count as well: a team may have listed such a column. */
export function looksSecret(name: string): boolean {
  return (
    secretReason({ name, base: { schema: 'pg_catalog', name: 'text', kind: 'b', array: false, domain: false } }) !==
    undefined
  );
}
