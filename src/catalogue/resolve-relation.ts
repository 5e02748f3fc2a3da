/** The relations of a config: each must lead to the contact, by a column of its own or through other relations. */
import type { Catalogue, Field, Link, Relation } from './catalogue.ts';
import { CONTACT, sourceKey } from './catalogue.ts';
import type { Config, RelationConfig } from './config.ts';
import { resolveFields, resolveTimeField } from './resolve-field.ts';
import { describedBy, labelsOf, relationInWords } from './label.ts';
import { linkClass } from './link-class.ts';
import { type FoundTable, type Mistakes } from './mistake.ts';
import type { ColumnInfo } from './table-info.ts';
import { tableText } from './table-text.ts';
import { isCitext } from './type-family.ts';

type Key = Catalogue['contacts']['key'];

export function resolveRelations(
  config: Config,
  contacts: FoundTable,
  key: Key | undefined,
  tables: ReadonlyMap<string, FoundTable | undefined>,
  mistakes: Mistakes,
): ReadonlyMap<string, Relation> {
  const configs = new Map(Object.entries(config.relations ?? {}));
  const relations = new Map<string, Relation>();
  const labels = labelsOf(
    [...configs].map(([name, { label }]) => ({ name, label })),
    relationInWords,
  );
  for (const [name, given] of configs) {
    const found = tables.get(name);
    if (!found) continue;
    const link = resolveLink(name, given, found, { configs, tables, contacts, key }, mistakes);
    const where = `relations.${name}`;
    const fields = resolveFields(
      name,
      found,
      given.fields ?? {},
      given.exclude ?? [],
      `${where}.fields`,
      `${where}.exclude`,
      mistakes,
    );
    const time = given.time === undefined ? undefined : resolveTimeField(fields, given.time, `${where}.time`, mistakes);
    const label = labels.get(name) ?? name;
    const about = { label, ...describedBy(found.info.comment, label) };
    if (!link) continue;
    const identity = rowKey(found, fields);
    const unique = isUnique(found, [link.column]) ? { unique: true as const } : {};
    relations.set(name, {
      name,
      table: found.table,
      link,
      ...unique,
      fields,
      ...(given.where === undefined ? {} : { where: given.where }),
      ...(time ? { time: time.name } : {}),
      ...(identity ? { key: identity } : {}),
      about,
      ...captureOf(given),
    });
  }
  return withSharedLinks(relations, contacts, key);
}

/** `auto` is the same as nothing. */
export function captureOf({ capture }: Pick<RelationConfig, 'capture'>): Pick<Relation, 'capture'> {
  return capture === undefined || capture === 'auto' ? {} : { capture };
}

interface Surroundings {
  readonly configs: ReadonlyMap<string, RelationConfig>;
  readonly tables: ReadonlyMap<string, FoundTable | undefined>;
  readonly contacts: FoundTable;
  readonly key: Key | undefined;
}

/**
 * The fields that identify a row: those of the primary key, else of the unique index with the fewest columns, none of which may be null.
 * Only types whose values have one order, whatever the collation. Undefined where a column of each is excluded or of another type.
 */
function rowKey(found: FoundTable, fields: ReadonlyMap<string, Field>): readonly string[] | undefined {
  const { info } = found;
  if (info.inherited) return undefined;
  const unique = info.unique.toSorted((a, b) => a.length - b.length);
  for (const columns of info.primaryKey ? [info.primaryKey, ...unique] : unique) {
    const names = columns.map((name) =>
      found.column(name)?.notNull === true
        ? [...fields.values()].find((field) => field.column === name && identifies(field))?.name
        : undefined,
    );
    const known = names.filter((name) => name !== undefined);
    if (known.length === names.length && known.length > 0) return known;
  }
  return undefined;
}

function identifies({ family, integer, array, path, reading, split, castText, citext }: Field): boolean {
  if (array || path !== undefined || reading !== undefined || split !== undefined) return false;
  if (family === 'text') return !castText && citext === undefined;
  return family === 'number' ? integer : family === 'uuid' || family === 'date' || family === 'instant';
}

function resolveLink(
  name: string,
  given: RelationConfig,
  found: FoundTable,
  around: Surroundings,
  mistakes: Mistakes,
): Link | undefined {
  const where = `relations.${name}`;
  if (given.contact !== undefined) {
    const column = linkColumn(found, given.contact, `${where}.contact`, mistakes);
    const key = around.key && around.contacts.column(around.key.column);
    if (!column || !key) return undefined;
    if (linkClass(column.base) !== linkClass(key.base)) {
      return mistakes.add(
        `\`${where}.contact\`: "${column.name}" is ${column.sqlType}, the key of the contacts is ${key.sqlType}; they must be of one kind to be compared.`,
      );
    }
    if (collationsDiffer([found, column], [around.contacts, key], `${where}.contact`, mistakes)) return undefined;
    return { kind: 'contact', column: column.name, sqlType: column.sqlType };
  }
  const { through = CONTACT } = given;
  const [pair] = Object.entries(given.on ?? {});
  if (!pair) return mistakes.add(`\`${where}\` needs \`contact\` or \`on\`.`);
  if (through === CONTACT && pair[1] === around.key?.column)
    return resolveLink(name, { ...given, contact: pair[0] }, found, around, mistakes);
  const middle = through === CONTACT ? around.contacts : around.tables.get(through);
  if (through !== CONTACT && !around.configs.has(through))
    return mistakes.add(
      `\`${where}.through\`: there is no relation "${through}"${mistakes.hint(through, around.configs.keys())}.`,
    );
  const cycle = cycleFrom(name, around.configs);
  if (cycle) return mistakes.add(`\`${where}.through\`: it never reaches the contact (${cycle.join(' → ')}).`);
  const column = linkColumn(found, pair[0], `${where}.on`, mistakes);
  const target = middle && linkColumn(middle, pair[1], `${where}.on`, mistakes);
  if (!column || !target) return undefined;
  if (linkClass(column.base) !== linkClass(target.base)) {
    return mistakes.add(
      `\`${where}.on\`: "${column.name}" is ${column.sqlType}, "${target.name}" is ${target.sqlType}; they must be of one kind to be compared.`,
    );
  }
  if (collationsDiffer([found, column], [middle, target], `${where}.on`, mistakes)) return undefined;
  const ownContact = through === CONTACT ? around.key?.column : around.configs.get(through)?.contact;
  const single = middle && isUnique(middle, [target.name, ownContact]);
  return {
    kind: 'through',
    relation: through,
    column: column.name,
    sqlType: column.sqlType,
    target: target.name,
    ...(single ? { single: true } : {}),
    ...(isCitext(column.base) ? { citext: column.base.schema } : {}),
  };
}

/** No two rows are equal in all of the columns. */
function isUnique({ info }: FoundTable, among: readonly (string | undefined)[]): boolean {
  return !info.inherited && info.unique.some((columns) => columns.every((column) => among.includes(column)));
}

function linkColumn(found: FoundTable, name: string, where: string, mistakes: Mistakes): ColumnInfo | undefined {
  const column = found.column(name);
  const written = tableText(found.table);
  if (!column)
    return mistakes.add(
      `\`${where}\`: ${written} has no column "${name}"${mistakes.hint(
        name,
        found.info.columns.map((one) => one.name),
      )}.`,
    );
  if (!column.readable)
    return mistakes.addPermission(`\`${where}\`: this role may not read the column "${name}" of ${written}.`);
  if (linkClass(column.base) === undefined || (column.collation && !column.collation.deterministic)) {
    return mistakes.add(
      `\`${where}\`: "${name}" of ${written} is ${column.sqlType}; a link must be integer, bigint, uuid, text, varchar or citext with plain equality.`,
    );
  }
  return column;
}

/** Postgres takes a column's own collation before the database's, and cannot choose between two (42P22, at run time only). */
function collationsDiffer(
  [table, column]: readonly [FoundTable, ColumnInfo],
  [other, target]: readonly [FoundTable, ColumnInfo],
  where: string,
  mistakes: Mistakes,
): boolean {
  const [own, its] = [column, target].map(({ collation }) =>
    collation?.schema === 'pg_catalog' && collation.name === 'default' ? null : collation,
  );
  if (!own || !its || (own.schema === its.schema && own.name === its.name)) return false;
  mistakes.add(
    `\`${where}\`: "${column.name}" of ${tableText(table.table)} has the collation ${own.name} and "${target.name}" of ${tableText(other.table)} has ${its.name}, and Postgres compares no two columns whose own collations differ; give both the same.`,
  );
  return true;
}

function cycleFrom(name: string, configs: ReadonlyMap<string, RelationConfig>): readonly string[] | undefined {
  const path = [name];
  for (let next = configs.get(name)?.through; next !== undefined; next = configs.get(next)?.through) {
    path.push(next);
    if (path.indexOf(next) < path.length - 1) return path;
  }
  return undefined;
}

/** Marks the links that lead on from a column which equals the key of contacts elsewhere: a change of such a row concerns both. */
function withSharedLinks(
  relations: ReadonlyMap<string, Relation>,
  contacts: FoundTable,
  key: Key | undefined,
): ReadonlyMap<string, Relation> {
  const direct = new Set([
    ...(key ? [sourceKey(contacts.table, key.column)] : []),
    ...[...relations.values()]
      .filter(({ link }) => link.kind === 'contact')
      .map(({ table, link }) => sourceKey(table, link.column)),
  ]);
  return new Map(
    [...relations].map(([name, relation]) => {
      const { table, link } = relation;
      const isShared = link.kind === 'through' && direct.has(sourceKey(table, link.column));
      return [name, isShared ? { ...relation, link: { ...link, shared: true } } : relation];
    }),
  );
}
