/**
 * `segmentd init`: a first config file from what the database says of itself. The contacts table is the one named, or
 * the likeliest by its name and by how many foreign keys point at it; foreign keys give the relations. Guesses are
 * written down for a person to read, never used unseen.
 */
import { Document, isScalar } from 'yaml';
import { Failure } from '../base/error.ts';
import { readForeignKeys, type ForeignKey } from './foreign-key.ts';
import { PATH_TYPES } from './config.ts';
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
const CREATED_NAMES = [
  'created_at',
  'createdat',
  'created',
  'created_on',
  'inserted_at',
  'registered_at',
  'signed_up_at',
  'signup_at',
  'date_joined',
  'joined_at',
  'joined',
  'registered',
  'signed_up',
  'member_since',
];
/** Times that say what became of a row, not when it came. */
const LATER_TIME =
  /^(updated|deleted|modified|changed|archived|expires|expired|cancelled|canceled|last_|synced|imported)/i;
const TIME_NAMES = [
  'placed_at',
  'ordered_at',
  'occurred_at',
  'happened_at',
  'viewed_at',
  'sent_at',
  'paid_at',
  'timestamp',
  'occurred_on',
  ...CREATED_NAMES,
  'date',
  'time',
];

type RelationEntry = Record<string, unknown>;

/** The text of a segmentd.yaml. `contacts`: the table as written in SQL. */
export async function introspect(database: Database, options: { readonly contacts?: string } = {}): Promise<string> {
  const keys = await readForeignKeys(database);
  const contacts =
    options.contacts === undefined
      ? await guessContacts(database, keys)
      : await readNamedTable(database, options.contacts);
  const key = guessKey(contacts, keys, options.contacts === undefined);

  const first = keys.filter((one) => refersTo(one, contacts, key));
  const direct = new Set(first.map((one) => tableText(one.child)));
  const second = first.flatMap((middle) =>
    keys
      .filter(
        (one) =>
          tableText(one.parent) === tableText(middle.child) &&
          !direct.has(tableText(one.child)) &&
          tableText(one.child) !== tableText(contacts),
      )
      .map((one) => ({ ...one, middle })),
  );
  const children = [...first, ...second].map((one) => one.child);
  const infos = new Map(
    (await readTables(database, children)).flatMap((info) => (info ? [[tableText(info), info] as const] : [])),
  );

  const taken = new Set([...contacts.columns.map((column) => column.name), 'contact']);
  const relations: Record<string, RelationEntry> = {};
  const names = new Map<ForeignKey, string>();
  const add = (one: ForeignKey, link: RelationEntry): void => {
    const info = infos.get(tableText(one.child));
    if (!info) return;
    const name = freeName(one, taken);
    names.set(one, name);
    const time = timeColumnNamed(info, TIME_NAMES) ?? likelyTimeColumn(info);
    relations[name] = { table: tableText(one.child), ...link, ...(time === undefined ? {} : { time }) };
  };
  for (const one of first) add(one, { contact: one.column });
  const reached = new Set<string>();
  for (const one of second) {
    const middle = names.get(one.middle);
    const source = `${tableText(one.child)} ${one.column}`;
    if (middle === undefined || reached.has(source)) continue;
    reached.add(source);
    add(one, { through: middle, on: { [one.column]: one.target } });
  }
  const created = timeColumnNamed(contacts, CREATED_NAMES);
  return configText(
    { table: tableText(contacts), key, ...(created === undefined ? {} : { created }) },
    relations,
    contacts.columns.find((column) => column.base.name === 'jsonb' && !column.base.array)?.name,
  );
}

/**
 * The primary key, else the column that most foreign keys point at of those that a config accepts.
 * @throws {Failure} `usage` when there is none
 */
function guessKey(contacts: TableInfo, keys: readonly ForeignKey[], guessed: boolean): string {
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

function refersTo(one: ForeignKey, contacts: TableInfo, key: string): boolean {
  return tableText(one.parent) === tableText(contacts) && one.target === key;
}

async function readNamedTable(database: Database, text: string): Promise<TableInfo> {
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

async function guessContacts(database: Database, keys: readonly ForeignKey[]): Promise<TableInfo> {
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

function freeName(one: ForeignKey, taken: Set<string>): string {
  const base = one.child.name;
  const candidates = [
    base,
    `${base}_by_${one.column}`,
    `${one.child.schema}_${base}`,
    `${one.child.schema}_${base}_by_${one.column}`,
  ];
  const name = candidates.find((candidate) => !taken.has(candidate)) ?? `${base}_${taken.size}`;
  taken.add(name);
  return name;
}

function timeColumns(info: TableInfo): readonly string[] {
  return info.columns
    .filter((column) => !column.base.array && ['timestamptz', 'timestamp', 'date'].includes(column.base.name))
    .map((column) => column.name);
}

function timeColumnNamed(info: TableInfo, names: readonly string[]): string | undefined {
  const times = timeColumns(info);
  for (const name of names) {
    const found = times.find((time) => time.toLowerCase() === name || time.toLowerCase() === name.replaceAll('_', ''));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Of rows that happen at a time: that, or the only time there is. */
function likelyTimeColumn(info: TableInfo): string | undefined {
  const times = timeColumns(info).filter((time) => !LATER_TIME.test(time));
  return times.find((time) => /(^|_)at$/i.test(time)) ?? (times.length === 1 ? times[0] : undefined);
}

function configText(
  contacts: RelationEntry,
  relations: Readonly<Record<string, RelationEntry>>,
  json: string | undefined,
): string {
  const document = new Document({ contacts, relations, timezone: 'UTC', timestamps: 'UTC' });
  document.commentBefore = ' What segments may be made of. Written by `segmentd init`; read it and correct it.';
  const note = (key: string, text: string): void => {
    const node = document.get(key, true);
    if (isScalar(node)) node.comment = text;
  };
  note('timezone', ' default zone of segments');
  note('timestamps', ' zone in which columns without zone were written');
  if (json !== undefined) {
    const field = { column: json, path: ['plan'], type: 'text' };
    const example = new Document({ fields: { [`${json}.plan`]: field } }).toString({ lineWidth: 120 }).trimEnd();
    document.comment = ` What stands inside ${json} becomes a field by its path and type (${PATH_TYPES.join(', ')}):\n${example.replaceAll(/^/gm, ' ')}`;
  }
  return document.toString({ lineWidth: 120 });
}
