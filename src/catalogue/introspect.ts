/**
 * `segmentd init`: a first config file from what the database says of itself. The contacts table is the one named, or
 * the likeliest by its name and by how many foreign keys point at it; foreign keys give the relations. Guesses are
 * written down for a person to read, never used unseen.
 */
import { Document, isScalar } from 'yaml';
import { readForeignKeys, type ForeignKey } from './foreign-key.ts';
import { PATH_TYPES } from './config.ts';
import { readTables, type Database } from './table-info.ts';
import { tableText } from './table-text.ts';
import { guessContacts, guessKey, readNamedTable, refersTo } from './guess-contacts.ts';
import { CREATED_NAMES, likelyTimeColumn, TIME_NAMES, timeColumnNamed } from './guess-time.ts';

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
