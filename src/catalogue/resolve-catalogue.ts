/**
 * Resolves a config against the live database. The result is a `Catalogue` that is true of the database at that moment:
 * every table, column, type, zone and link exists and can be read. A config with mistakes is rejected with one sentence for
 * each mistake; nothing is guessed. Reads only.
 */
import { CONTACT, RANKS, type Catalogue, type Relation } from './catalogue.ts';
import type { Config } from './config.ts';
import { keyRefusal, keyTypeOf } from './key-type.ts';
import { describedBy, nameInWords } from './label.ts';
import { Mistakes, type FoundTable } from './mistake.ts';
import { resolveDisplay } from './resolve-display.ts';
import { resolveFields, resolveTimeField } from './resolve-field.ts';
import { rankRelation, refuseTakenNames, resolveRanks } from './resolve-rank.ts';
import { captureOf, resolveRelations } from './resolve-relation.ts';
import { listTables, readServer, readTables, type Database, type TableInfo } from './table-info.ts';
import { parseTable, tableText } from './table-text.ts';

export interface ResolveOptions {
  /**
   * Leaves out what does not fit instead of refusing all: a worker goes on with the rest when the team drops a column that
   * the config names. Contacts and their key must still be there, and Postgres must know the zones.
   */
  readonly tolerant?: boolean;
}

/** Throws `Failure` with every mistake. */
export async function resolveCatalogue(
  database: Database,
  config: Config,
  options: ResolveOptions = {},
): Promise<Catalogue> {
  const mistakes = new Mistakes();
  const relationConfigs = Object.entries(config.relations ?? {});
  const server = await readServer(database, [config.timezone, config.timestamps]);
  const lostZones = (['timezone', 'timestamps'] as const).filter((key) => !server.zones.has(config[key]));
  for (const key of lostZones)
    mistakes.add(`\`${key}\`: Postgres knows no time zone "${config[key]}"; use a name such as Europe/Madrid or UTC.`);

  const named = [
    { where: 'contacts.table', text: config.contacts.table },
    ...relationConfigs.map(([name, relation]) => ({ where: `relations.${name}.table`, text: relation.table })),
  ];
  const [contacts, ...rest] = await findTables(database, named, server.user, mistakes);
  const relationTables = new Map(relationConfigs.map(([name], index) => [name, rest[index]]));
  if (!contacts) {
    mistakes.throwIfAny();
    throw new Error('a missing contacts table without a mistake');
  }

  const key = resolveKey(contacts, config, mistakes);
  const fields = resolveFields(
    'contact',
    contacts,
    { ...config.fields, ...config.contacts.fields },
    config.contacts.exclude ?? [],
    config.fields ? 'fields' : 'contacts.fields',
    'contacts.exclude',
    mistakes,
  );
  const created = config.contacts.created;
  const createdField =
    created === undefined ? undefined : resolveTimeField(fields, created, 'contacts.created', mistakes);
  const relations = resolveRelations(config, contacts, key, relationTables, mistakes);
  for (const name of relations.keys()) {
    if (fields.has(name))
      mistakes.add(
        `\`relations.${name}\`: a field of the contact has the same name; give the relation another name, or the field an alias and exclude its column.`,
      );
  }
  const ranks = resolveRanks(config);
  if (ranks) refuseTakenNames(ranks, fields, mistakes);
  const display = resolveDisplay(config.contacts.display, fields, mistakes);
  const label = config.contacts.label ?? nameInWords(contacts.table.name);
  if (!options.tolerant || !key || lostZones.length > 0) mistakes.throwIfAny();
  if (!key) throw new Error('no key without a mistake');
  return {
    contacts: {
      table: contacts.table,
      key,
      fields,
      ...(createdField === undefined ? {} : { created: createdField.name }),
      ...(config.contacts.where === undefined ? {} : { where: config.contacts.where }),
      about: { label, ...describedBy(contacts.info.comment, label) },
      display,
      ...captureOf(config.contacts),
    },
    relations: ranks ? new Map([...leading(relations), [RANKS, rankRelation(ranks, config, key)]]) : leading(relations),
    ...(ranks ? { ranks } : {}),
    timezone: config.timezone,
    timestamps: config.timestamps,
    ...(server.icu ? { foldCollation: 'und-x-icu' } : {}),
    foldFacts: server.fold,
    server: server.version,
  };
}

/** Those whose middle rows are there too. */
function leading(relations: ReadonlyMap<string, Relation>): ReadonlyMap<string, Relation> {
  const lost = [...relations.values()].find(
    ({ link }) => link.kind === 'through' && link.relation !== CONTACT && !relations.has(link.relation),
  );
  return lost ? leading(new Map([...relations].filter(([name]) => name !== lost.name))) : relations;
}

async function findTables(
  database: Database,
  named: readonly { readonly where: string; readonly text: string }[],
  user: string,
  mistakes: Mistakes,
): Promise<readonly (FoundTable | undefined)[]> {
  const parsed = named.map(({ text }) => parseTable(text));
  const infos = await readTables(
    database,
    parsed.map((table) => table ?? { name: '' }),
  );
  let known: Promise<readonly string[]> | undefined;
  return Promise.all(
    named.map(async ({ where, text }, index) => {
      const info = infos[index];
      if (!parsed[index])
        return mistakes.add(
          `\`${where}\`: "${text}" is not the name of a table; write it as in SQL: schema.table, with double quotes where SQL needs them.`,
        );
      if (!info) {
        known ??= listTables(database).then((tables) => tables.map(tableText));
        const names = await known;
        const exact = names.find((name) => name.replaceAll('"', '').toLowerCase() === qualified(text));
        return mistakes.add(
          `\`${where}\`: there is no table ${text}${exact === undefined ? mistakes.hint(qualified(text), names) : ` (did you mean \`${exact}\`?)`}.`,
        );
      }
      const written = tableText(info);
      const reason = refusal(info);
      if (reason !== undefined) return mistakes.add(`\`${where}\`: ${written} ${reason}.`);
      if (!info.readable)
        return mistakes.addPermission(
          `\`${where}\`: the role ${user} may not read ${written}: grant it usage on the schema and select on the table.`,
        );
      const columns = new Map(info.columns.map((column) => [column.name, column]));
      return { table: { schema: info.schema, name: info.name }, info, column: (name: string) => columns.get(name) };
    }),
  );
}

function qualified(text: string): string {
  const bare = text.replaceAll('"', '').toLowerCase();
  return bare.includes('.') ? bare : `public.${bare}`;
}

const NOT_OF_A_TEAM = new Set(['segmentd', 'segmentd_internal', 'segmentd_queue', 'pg_catalog', 'information_schema']);

function refusal(info: TableInfo): string | undefined {
  if (info.kind === 'v' || info.kind === 'm')
    return 'is a view, whose changes no trigger sees; name the table beneath it';
  if (info.kind === 'f') return 'is a foreign table, whose changes no trigger sees';
  if (info.foreignChild !== null)
    return `has the foreign table ${info.foreignChild} among its partitions, whose changes no trigger sees`;
  if (info.temporary) return 'is a temporary table';
  if (NOT_OF_A_TEAM.has(info.schema)) return 'is not a table of yours';
  return undefined;
}

type Key = Catalogue['contacts']['key'];

function resolveKey(contacts: FoundTable, config: Config, mistakes: Mistakes): Key | undefined {
  const { info } = contacts;
  const where = '`contacts.key`';
  const written = tableText(info);
  if (config.contacts.key === undefined && info.primaryKey?.length !== 1) {
    if (!info.primaryKey) return mistakes.add(`${where} is missing, and ${written} has no primary key to take.`);
    return mistakes.add(
      `${where}: the primary key of ${written} is composite (${info.primaryKey.join(', ')}); segmentd needs one column that identifies a contact.`,
    );
  }
  const name = config.contacts.key ?? info.primaryKey?.[0] ?? '';
  const column = contacts.column(name);
  if (!column)
    return mistakes.add(
      `${where}: ${written} has no column "${name}"${mistakes.hint(
        name,
        info.columns.map((one) => one.name),
      )}.`,
    );
  const type = keyTypeOf(column);
  const refusal = keyRefusal(info, column, written);
  if (!type || refusal !== undefined) return mistakes.add(`${where}: "${name}" ${refusal}.`);
  if (!column.readable)
    return mistakes.addPermission(`${where}: this role may not read the column "${name}" of ${written}.`);
  const { collation } = column;
  const sqlType = column.base.name === 'varchar' ? 'character varying' : type;
  const own = collation !== null && !(collation.schema === 'pg_catalog' && collation.name === 'default');
  return {
    column: name,
    type,
    sqlType,
    ...(own ? { collation: { schema: collation.schema, name: collation.name } } : {}),
  };
}
