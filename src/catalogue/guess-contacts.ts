/**
 * Guesses the contacts table by its name and by the foreign keys that refer to it, and its key. For `segmentd init` only:
 * a person reads the result before it counts. Reads only.
 */
import { Failure } from '../base/error.ts';
import { type ForeignKey } from './foreign-key.ts';
import { Mistakes } from './mistake.ts';
import { keyRefusal } from './key-type.ts';
import { listTables, readTables, type Database, type TableInfo } from './table-info.ts';
import { parseTable, tableText } from './table-text.ts';

const CONTACT_NAMES = [
  'contact',
  'customer',
  'subscriber',
  'user',
  'person',
  'people',
  'member',
  'client',
  'profile',
  'account',
  'lead',
];
export async function guessContacts(database: Database, keys: readonly ForeignKey[]): Promise<TableInfo> {
  const tables = (await listTables(database)).filter((table) => table.kind === 'r' || table.kind === 'p');
  const scored = tables
    .map((table) => {
      const bare = table.name.toLowerCase();
      const rank = CONTACT_NAMES.findIndex((word) => bare === word || bare === `${word}s`);
      const pointed = new Set(
        keys.filter((one) => tableText(one.parent) === tableText(table)).map((one) => tableText(one.child)),
      ).size;
      return { table, rank, score: rank < 0 ? 0 : 100 - rank * 5 + pointed };
    })
    .filter((one) => one.rank >= 0)
    .sort((a, b) => b.score - a.score);
  const infos = await readTables(
    database,
    scored.map((one) => one.table),
  );
  const info =
    infos.find((one) => one?.columns.some((column) => keyRefusal(one, column, tableText(one)) === undefined)) ??
    infos[0];
  if (!info) {
    const some = tables.slice(0, 8).map(tableText).join(', ');
    throw new Failure(
      'usage',
      tables.length === 0
        ? 'This database has no tables.'
        : `No table looks like contacts (there are ${some}${tables.length > 8 ? ', …' : ''}): name it with --contacts.`,
    );
  }
  return info;
}

export async function readNamedTable(database: Database, text: string): Promise<TableInfo> {
  const table = parseTable(text);
  const [info] = table ? await readTables(database, [table]) : [];
  if (!info) {
    const known = (await listTables(database)).map(tableText);
    throw new Failure(
      'usage',
      `There is no table ${text}${new Mistakes().hint(text.includes('.') ? text : `public.${text}`, known)}.`,
    );
  }
  if (info.kind !== 'r' && info.kind !== 'p')
    throw new Failure(
      'usage',
      `${tableText(info)} is a view or a foreign table, whose changes no trigger sees; name the table beneath it.`,
    );
  return info;
}

/**
 * The primary key, else the column that most foreign keys point at of those that a config accepts.
 * @throws {Failure} `usage` when there is none
 */
export function guessKey(contacts: TableInfo, keys: readonly ForeignKey[], guessed: boolean): string {
  const written = tableText(contacts);
  const another = guessed ? ' If the contacts are another table, name it with --contacts.' : '';
  const fit = contacts.columns
    .filter((column) => keyRefusal(contacts, column, written) === undefined)
    .map((column) => column.name);
  const [primary, ...more] = contacts.primaryKey ?? [];
  if (primary !== undefined && more.length === 0 && fit.includes(primary)) return primary;
  const pointed = (name: string): number => keys.filter((one) => refersTo(one, contacts, name)).length;
  const [best] = fit.toSorted((a, b) => pointed(b) - pointed(a));
  if (best !== undefined) return best;
  if (primary === undefined)
    throw new Failure(
      'usage',
      `${written} has no primary key, and no other unique, not null column that could be one: segmentd needs one column that identifies a contact.${another}`,
    );
  if (more.length > 0)
    throw new Failure(
      'usage',
      `The primary key of ${written} is composite (${[primary, ...more].join(', ')}); segmentd needs one column that identifies a contact.${another}`,
    );
  const column = contacts.columns.find(({ name }) => name === primary);
  throw new Failure(
    'usage',
    `The key of ${written}, "${primary}", ${column ? keyRefusal(contacts, column, written) : 'cannot be read'}.${another}`,
  );
}

export function refersTo(one: ForeignKey, contacts: TableInfo, key: string): boolean {
  return tableText(one.parent) === tableText(contacts) && one.target === key;
}
