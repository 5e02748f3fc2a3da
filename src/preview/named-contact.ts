/** Contacts as previews name them: the key, and the columns that the catalogue displays of a contact, personal ones masked. Reads only. */
import { maskText } from '../base/mask.ts';
import type { Catalogue, Field } from '../catalogue/catalogue.ts';
import { isMasked } from '../catalogue/resolve-display.ts';
import { ident, join, list, param, render, sql, tableName } from '../compile/fragment.ts';
import { contactKey, contactTable } from '../explain/contact-scope.ts';
import type { Queryable } from '../postgres/pool.ts';

export interface NamedContact {
  readonly contactId: string;
  /** By the name of the field, as text; null where the contact has no value. Masked as the config says. */
  readonly values: Readonly<Record<string, string | null>>;
}

/** Names contacts, in the order of their keys. Columns that the session may not read are left out. A contact that was deleted has no values. */
export async function nameContacts(
  client: Queryable,
  catalogue: Catalogue,
  keys: readonly string[],
): Promise<readonly NamedContact[]> {
  const fields = keys.length === 0 ? [] : await readableFields(client, catalogue);
  if (fields.length === 0) return keys.map((contactId) => ({ contactId, values: {} }));
  const key = contactKey(catalogue);
  const { text, bind } = render(
    sql`select ${key}::text as key, array[${join(fields.map(textOf), sql`, `)}]::text[] as texts
from ${contactTable(catalogue)} where ${key} = any(${param('contacts', 'segmentd.contact_key[]')})`,
  );
  const { rows } = await client.query<{ key: string; texts: readonly (string | null)[] }>(
    text,
    bind({ contacts: keys }),
  );
  const texts = new Map(rows.map((row) => [row.key, row.texts]));
  return keys.map((contactId) => ({ contactId, values: valuesOf(catalogue, fields, texts.get(contactId)) }));
}

function valuesOf(
  catalogue: Catalogue,
  fields: readonly Field[],
  texts: readonly (string | null)[] | undefined,
): NamedContact['values'] {
  return Object.fromEntries(
    fields.map((field, index) => {
      const text = texts?.[index] ?? null;
      return [field.name, text !== null && isMasked(catalogue.contacts.display, field) ? maskText(text) : text];
    }),
  );
}

async function readableFields(client: Queryable, { contacts }: Catalogue): Promise<readonly Field[]> {
  const fields = (contacts.display ?? []).flatMap(({ field }) => contacts.fields.get(field) ?? []);
  if (fields.length === 0) return [];
  const { rows } = await client.query<{ readable: boolean }>(
    `select pg_catalog.has_column_privilege($1::regclass, shown.name, 'select') as readable
     from unnest($2::text[]) with ordinality as shown(name, position) order by shown.position`,
    [render(tableName(contacts.table)).text, fields.map(({ column }) => column)],
  );
  return fields.filter((_, index) => rows[index]?.readable === true);
}

function textOf({ column, path, array }: Field) {
  const value = sql`c.${ident(column)}`;
  if (path !== undefined) return sql`${value} #>> ${list(path, 'text')}`;
  return array ? sql`pg_catalog.array_to_string(${value}, ', ')` : sql`${value}::text`;
}
