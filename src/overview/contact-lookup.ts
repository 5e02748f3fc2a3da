/**
 * Keys of contacts from a list as people have it: texts that may be no key, or values of another field, such as e-mail addresses.
 * The compiler of conditions makes the comparison, so an index on the field serves it and its type decides about upper case.
 */
import { Failure } from '../base/error.ts';
import { masked } from '../base/mask.ts';
import { didYouMean } from '../base/suggest.ts';
import type { Catalogue, Field } from '../catalogue/catalogue.ts';
import { ident, render, sql, tableName } from '../compile/fragment.ts';
import { predicate } from '../compile/predicate.ts';
import { checkCondition } from '../condition/check/check-condition.ts';
import { columnScope } from '../export/column-scope.ts';
import { contactKeys, unknownContacts } from '../override/override.ts';
import type { Queryable } from '../postgres/pool.ts';

export interface LookedUp {
  /** Keys of the contacts that were found, each once. */
  readonly keys: readonly string[];
  /** Texts without a contact, as they were given. */
  readonly unknown: readonly string[];
}

/** Values that one statement looks for: a condition is at most 256 KB. */
const CHUNK = 1_000;

/** Looks up texts that should be keys. */
export async function lookUpKeys(client: Queryable, catalogue: Catalogue, texts: readonly string[]): Promise<LookedUp> {
  const textOf = new Map<string, string>();
  const wrong: string[] = [];
  for (const text of texts) {
    const key = keyOf(catalogue, text.trim());
    if (key === undefined) wrong.push(text);
    else textOf.set(key, text);
  }
  const missing = new Set(textOf.size === 0 ? [] : await unknownContacts(client, catalogue, [...textOf.keys()]));
  return {
    keys: [...textOf.keys()].filter((key) => !missing.has(key)),
    unknown: [...wrong, ...[...missing].map((key) => textOf.get(key) ?? key)],
  };
}

function keyOf({ contacts }: Catalogue, text: string): string | undefined {
  try {
    return contactKeys(contacts.key.type, [text])[0];
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

/**
 * Looks up values of a text field. A value that several contacts have finds all of them.
 * @throws {Failure} `usage` for a field that does not exist or is no plain text
 */
export async function lookUpBy(
  client: Queryable,
  catalogue: Catalogue,
  by: string,
  texts: readonly string[],
): Promise<LookedUp> {
  const field = fieldOf(catalogue, by);
  const asked = [...new Set(texts)];
  const keys = new Set<string>();
  const found = new Set<string>();
  for (let from = 0; from < asked.length; from += CHUNK) {
    const some = asked.slice(from, from + CHUNK).map((text) => text.trim());
    for (const row of await contactsWith(client, catalogue, field, some)) {
      keys.add(row.key);
      found.add(field.citext === undefined ? row.text : row.text.toLowerCase());
    }
  }
  const isFound = (text: string): boolean =>
    found.has(field.citext === undefined ? text.trim() : text.trim().toLowerCase());
  return { keys: [...keys], unknown: asked.filter((text) => !isFound(text)) };
}

/** @throws {Failure} `not-found` with the texts as `data` */
export function refuseUnknown(unknown: readonly string[]): void {
  if (unknown.length === 0) return;
  const named = `${masked(unknown.slice(0, 5).join(', '))}${unknown.length > 5 ? ` and ${unknown.length - 5} more` : ''}`;
  throw new Failure('not-found', `There is no contact ${named}; nothing was changed.`, { data: unknown });
}

function fieldOf({ contacts: { fields } }: Catalogue, by: string): Field {
  const field = fields.get(by);
  if (!field) {
    const hint = didYouMean(by, fields.keys());
    throw new Failure('usage', `Contacts have no field ${JSON.stringify(by)}${hint === undefined ? '.' : `: ${hint}`}`);
  }
  if (field.family !== 'text' || field.array || field.path !== undefined)
    throw new Failure('usage', `Contacts are not looked up by ${by}: it is no plain text.`);
  return field;
}

async function contactsWith(
  client: Queryable,
  catalogue: Catalogue,
  field: Field,
  texts: readonly string[],
): Promise<readonly { readonly key: string; readonly text: string }[]> {
  const values = texts.filter((text) => text !== '' && !/\0|\p{Surrogate}/u.test(text));
  const checked = checkCondition({ in: [{ var: field.name }, values] }, { catalogue, timezone: catalogue.timezone });
  // No contact can have a value that does not fit the field.
  if (values.length === 0 || !checked.ok) return [];
  const { table, key } = catalogue.contacts;
  const { text, bind } = render(sql`select c.${ident(key.column)}::text as key, c.${ident(field.column)}::text as text
    from ${tableName(table)} as c where ${predicate(columnScope(catalogue), checked.condition)}`);
  return (await client.query<{ key: string; text: string }>(text, bind({ now: null }))).rows;
}
