/**
 * Guesses links between tables that declare no foreign key: a column is named after another table and has the type of its key. For
 * `segmentd init` only: each guess is marked as one, and a person reads it before it counts. Pure.
 */
import { isPlainEnd, linkName, nameKey, wordsOf, type LinkName } from './identifier-word.ts';
import { linkClass } from './link-class.ts';
import type { SurveyColumn, SurveyTable } from './survey.ts';

export interface GuessedLink {
  readonly child: SurveyTable;
  readonly column: string;
  readonly parent: SurveyTable;
  readonly target: string;
}

/** @param isKey whether a foreign key already says what a column refers to */
export function guessLinks(
  tables: readonly SurveyTable[],
  isKey: (table: SurveyTable, column: string) => boolean,
): readonly GuessedLink[] {
  const keyed = tables.filter((table) => table.primaryKey.length === 1 && table.refusal === undefined);
  const names = new TableNames(keyed);
  const namedKeys = keysByName(keyed);
  return tables.flatMap((child) =>
    [...child.columns.values()].flatMap((column): readonly GuessedLink[] => {
      if (isKey(child, column.name) || !column.readable || linkClass(column.base) === undefined) return [];
      if (polymorphicType(child, column.name) !== undefined) return [];
      const parent = parentOf(child, column, names) ?? sameKeyName(child, column, namedKeys);
      const target = parent?.primaryKey[0];
      if (!parent || target === undefined || (parent === child && target === column.name)) return [];
      const its = parent.columns.get(target);
      if (!its || !isOneClass(column, its)) return [];
      return [{ child, column: column.name, parent, target }];
    }),
  );
}

/** The column beside a link column that says which table the link refers to, as `owner_type` beside `owner_id`. */
export function polymorphicType(table: SurveyTable, column: string): string | undefined {
  const name = linkName(column);
  if (!name || !isPlainEnd(name.end)) return undefined;
  const about = name.words.join(' ');
  for (const other of table.columns.values()) {
    const named = wordsOf(other.name);
    const before = named.slice(0, -1).join(' ');
    // Django: `content_type_id` beside `object_id`.
    if (about === 'object' && before === 'content type') return other.name;
    if (named.at(-1) === 'type' && before === about && hasText(other)) return other.name;
  }
  return undefined;
}

function hasText({ base }: SurveyColumn): boolean {
  return base.kind === 'e' || ['text', 'varchar', 'bpchar', 'citext'].includes(base.name);
}

function isOneClass(a: SurveyColumn, b: SurveyColumn): boolean {
  return linkClass(a.base) === linkClass(b.base) && a.plain && b.plain && b.readable;
}

/** Tables by their names as one key each, and by the ends of those: `spree_orders` is found by `order`. */
class TableNames {
  readonly #whole = new Map<string, SurveyTable[]>();
  readonly #ends = new Map<string, SurveyTable[]>();

  constructor(tables: readonly SurveyTable[]) {
    for (const table of tables) {
      const words = wordsOf(table.name);
      push(this.#whole, nameKey(words), table);
      // `customerorders` has no border between its words; `tbl_orders` and `spree_orders` have a prefix.
      push(this.#whole, nameKey(words).replaceAll(' ', ''), table);
      for (let from = 1; from < words.length; from += 1) push(this.#ends, nameKey(words.slice(from)), table);
    }
  }

  /** The table of that name, in the child's schema before others, and with the child's prefix before others. */
  find(child: SurveyTable, words: readonly string[]): SurveyTable | undefined {
    const key = nameKey(words);
    const whole = this.#whole.get(key) ?? this.#whole.get(key.replaceAll(' ', ''));
    if (whole) return nearest(child, whole);
    const ends = this.#ends.get(key);
    if (!ends) return undefined;
    const prefix = wordsOf(child.name)[0];
    const own = ends.filter((table) => {
      const its = wordsOf(table.name);
      return its[0] === prefix && its.length === words.length + 1;
    });
    return nearest(child, own) ?? (ends.length === 1 ? ends[0] : undefined);
  }
}

function push(map: Map<string, SurveyTable[]>, key: string, table: SurveyTable): void {
  const list = map.get(key);
  if (!list) map.set(key, [table]);
  else if (!list.includes(table)) list.push(table);
}

/** Of several tables of one name: that of the child's own schema, or the only one. */
function nearest(child: SurveyTable, tables: readonly SurveyTable[]): SurveyTable | undefined {
  const same = tables.filter((table) => table.schema === child.schema);
  if (same.length === 1) return same[0];
  return tables.length === 1 ? tables[0] : undefined;
}

/** `billing_address_id` is about a table `billing_addresses`, else about `addresses`. */
function parentOf(child: SurveyTable, column: SurveyColumn, names: TableNames): SurveyTable | undefined {
  const name = linkName(column.name);
  if (!name) {
    // `customer uuid`: without an end only where no plain value has such a type.
    return column.base.name === 'uuid' ? names.find(child, wordsOf(column.name)) : undefined;
  }
  for (let from = 0; from < name.words.length; from += 1) {
    const table = names.find(child, name.words.slice(from));
    if (table && fitsEnd(name, table)) return table;
  }
  return undefined;
}

function fitsEnd({ end }: LinkName, table: SurveyTable): boolean {
  return isPlainEnd(end) || wordsOf(table.primaryKey[0] ?? '').at(-1) === end;
}

/** Tables whose key has a name that only they have, such as `customer_number`. */
function keysByName(tables: readonly SurveyTable[]): ReadonlyMap<string, SurveyTable> {
  const found = new Map<string, SurveyTable[]>();
  for (const table of tables) {
    const words = wordsOf(table.primaryKey[0] ?? '');
    if (words.length > 1 || linkName(words[0] ?? '')) push(found, words.join(' '), table);
  }
  return new Map(
    [...found].flatMap(([name, [only, ...more]]) => (only && more.length === 0 ? [[name, only] as const] : [])),
  );
}

function sameKeyName(
  child: SurveyTable,
  column: SurveyColumn,
  namedKeys: ReadonlyMap<string, SurveyTable>,
): SurveyTable | undefined {
  const parent = namedKeys.get(wordsOf(column.name).join(' '));
  return parent === child ? undefined : parent;
}
