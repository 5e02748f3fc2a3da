/** The relations of a config: each must lead to the contact, by a column of its own or through other relations. */
import type { Catalogue, Link, Relation } from './catalogue.ts';
import { sourceKey } from './catalogue.ts';
import type { Config, RelationConfig } from './config.ts';
import { resolveFields, resolveTimeField } from './resolve-field.ts';
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
    if (link) relations.set(name, { name, table: found.table, link, fields, ...(time ? { time: time.name } : {}) });
  }
  refuseSharedLinks(relations, contacts, key, mistakes);
  return relations;
}

interface Surroundings {
  readonly configs: ReadonlyMap<string, RelationConfig>;
  readonly tables: ReadonlyMap<string, FoundTable | undefined>;
  readonly contacts: FoundTable;
  readonly key: Key | undefined;
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
    if (linkClass(column) !== linkClass(key)) {
      return mistakes.add(
        `\`${where}.contact\`: "${column.name}" is ${column.sqlType}, the key of the contacts is ${key.sqlType}; they must be of one kind to be compared.`,
      );
    }
    if (collationsDiffer([found, column], [around.contacts, key], `${where}.contact`, mistakes)) return undefined;
    return { kind: 'contact', column: column.name, sqlType: column.sqlType };
  }
  const { through } = given;
  const [pair] = Object.entries(given.on ?? {});
  if (through === undefined || !pair) return mistakes.add(`\`${where}\` needs \`contact\` or \`through\`.`);
  const middle = around.tables.get(through);
  if (!around.configs.has(through))
    return mistakes.add(
      `\`${where}.through\`: there is no relation "${through}"${mistakes.hint(through, around.configs.keys())}.`,
    );
  const cycle = cycleFrom(name, around.configs);
  if (cycle) return mistakes.add(`\`${where}.through\`: it never reaches the contact (${cycle.join(' → ')}).`);
  const column = linkColumn(found, pair[0], `${where}.on`, mistakes);
  const target = middle && linkColumn(middle, pair[1], `${where}.on`, mistakes);
  if (!column || !target) return undefined;
  if (linkClass(column) !== linkClass(target)) {
    return mistakes.add(
      `\`${where}.on\`: "${column.name}" is ${column.sqlType}, "${target.name}" is ${target.sqlType}; they must be of one kind to be compared.`,
    );
  }
  if (collationsDiffer([found, column], [middle, target], `${where}.on`, mistakes)) return undefined;
  const single = middle && isSingle(middle, target.name, around.configs.get(through)?.contact);
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

/** @param contact the middle's own column of the contact, if it has one: then one row a contact is enough */
function isSingle({ info }: FoundTable, target: string, contact: string | undefined): boolean {
  return (
    !info.inherited && info.unique.some((columns) => columns.every((column) => column === target || column === contact))
  );
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
  if (linkClass(column) === undefined || (column.collation && !column.collation.deterministic)) {
    return mistakes.add(
      `\`${where}\`: "${name}" of ${written} is ${column.sqlType}; a link must be integer, bigint, uuid, text, varchar or citext with plain equality.`,
    );
  }
  return column;
}

/** Types whose `=` follows from the written value, so that a link may travel as text. */
function linkClass(column: ColumnInfo): 'integer' | 'uuid' | 'text' | 'citext' | undefined {
  if (isCitext(column.base) && !column.base.array) return 'citext';
  if (column.base.array || column.base.schema !== 'pg_catalog') return undefined;
  switch (column.base.name) {
    case 'int2':
    case 'int4':
    case 'int8':
      return 'integer';
    case 'uuid':
      return 'uuid';
    case 'text':
    case 'varchar':
      return 'text';
    default:
      return undefined;
  }
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

/** A source is one (table, link column): its rows can lead to the contact in one way only. */
function refuseSharedLinks(
  relations: ReadonlyMap<string, Relation>,
  contacts: FoundTable,
  key: Key | undefined,
  mistakes: Mistakes,
): void {
  const ways = new Map<string, { readonly way: string; readonly name: string }>();
  if (key) ways.set(sourceKey(contacts.table, key.column), { way: 'contact', name: 'contacts' });
  for (const relation of relations.values()) {
    const source = sourceKey(relation.table, relation.link.column);
    const middle = relation.link.kind === 'through' ? relations.get(relation.link.relation) : undefined;
    const way =
      relation.link.kind === 'contact' || !middle
        ? 'contact'
        : `${sourceKey(middle.table, middle.link.column)}.${relation.link.kind === 'through' ? relation.link.target : ''}`;
    const other = ways.get(source);
    if (other && other.way !== way) {
      mistakes.add(
        `\`relations.${relation.name}\`: it reads ${tableText(relation.table)} by "${relation.link.column}" as \`${other.name}\` does, but leads to the contact another way.`,
      );
    }
    ways.set(source, other ?? { way, name: `relations.${relation.name}` });
  }
}
