/**
 * How people look for a contact: by its key, or by a displayed column. A text that is the key of a contact finds this one alone. A personal column matches only as a whole, so that
 * a viewer cannot guess it letter by letter; revealed, a part of it matches. The compiler of conditions makes the SQL, so the
 * indexes that serve conditions serve this search.
 */
import { Failure } from '../base/error.ts';
import type { Catalogue, Field } from '../catalogue/catalogue.ts';
import { isMasked } from '../catalogue/resolve-display.ts';
import { ident, join, sql, tableName, value, written, type Fragment } from '../compile/fragment.ts';
import { predicate } from '../compile/predicate.ts';
import { folded } from '../compile/text-leaf.ts';
import { checkCondition } from '../condition/check/check-condition.ts';
import { columnScope } from '../export/column-scope.ts';
import { contactKeys } from '../override/override.ts';
import { displayNames } from './shown-column.ts';

/** Predicates over the contact `c`. */
export interface ContactMatch {
  /** The key; absent where the text cannot be one. */
  readonly key: Fragment | undefined;
  /** The key, or a displayed text as a whole: indexes on the columns themselves serve it. */
  readonly exact: Fragment;
  /** That, and a part of a displayed text, in any case. */
  readonly loose: Fragment;
  /** What makes the loose search fast. */
  readonly command: string | null;
}

/** @throws {Failure} `usage` for a text that cannot be looked for */
export function contactMatch(catalogue: Catalogue, text: string, reveal: boolean): ContactMatch {
  const sought = text.trim();
  if (sought === '' || /\0|\p{Surrogate}/u.test(sought))
    throw new Failure('usage', 'What is looked for is empty, or holds a character that Postgres cannot store.');
  const fields = displayNames(catalogue).flatMap((name) => textField(catalogue, name) ?? []);
  const open = fields.filter((field) => reveal || !isMasked(catalogue.contacts.display, field));
  const leaf = (operator: string, field: Field): Fragment | undefined => {
    const checked = checkCondition(
      { [operator]: [{ var: field.name }, sought] },
      { catalogue, timezone: catalogue.timezone },
    );
    return checked.ok ? sql`(${predicate(columnScope(catalogue), checked.condition)})` : undefined;
  };
  const key = keyMatch(catalogue, sought);
  const whole = fields.map((field) => leaf('==', field));
  const parts = fields.map((field) => leaf(open.includes(field) ? 'icontains' : 'ieq', field));
  return { key, exact: any([key, ...whole]), loose: any([key, ...parts]), command: indexCommand(catalogue, open) };
}

function any(parts: readonly (Fragment | undefined)[]): Fragment {
  const given = parts.filter((part) => part !== undefined);
  return given.length === 0 ? sql`false` : sql`(${join(given, sql` or `)})`;
}

/** A displayed column of plain text. */
function textField(catalogue: Catalogue, name: string): Field | undefined {
  const field = catalogue.contacts.fields.get(name);
  return field?.family === 'text' && !field.array ? field : undefined;
}

function keyMatch({ contacts: { key } }: Catalogue, sought: string): Fragment | undefined {
  try {
    const [canonical] = contactKeys(key.type, [sought]);
    return canonical === undefined ? undefined : sql`c.${ident(key.column)} = ${value(canonical, key.sqlType)}`;
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

function indexCommand(catalogue: Catalogue, open: readonly Field[]): string | null {
  const columns = open.filter(({ path }) => path === undefined).map(({ column }) => ident(column));
  if (columns.length === 0) return null;
  const parts = columns.map((column) => sql`${folded(catalogue, column)} gin_trgm_ops`);
  return written(
    sql`create extension if not exists pg_trgm; create index concurrently on ${tableName(catalogue.contacts.table)} using gin (${join(parts, sql`, `)});`,
  );
}
