/**
 * The config as it is published: the part of a config file that says how the team's tables are read. `settings` belong to
 * one process and are left out. Two files that say the same in another order are equal; differences are listed field by
 * field. Pure.
 */
import type { Catalogue } from './catalogue.ts';
import type { Config } from './config.ts';
import { parseTable, tableText } from './table-text.ts';

export type PublishedConfig = Omit<Config, 'settings' | 'fields'>;

/** The same meaning in one form: fields of the contact in one place, empty parts left out, names in order. */
export function publishedConfig(config: Config): PublishedConfig {
  const { settings: _, fields, contacts, relations, ...rest } = config;
  const own = { ...fields, ...contacts.fields };
  const plain = {
    ...rest,
    contacts: { ...contacts, fields: own },
    relations: relations ?? {},
  };
  return sortedKeys(plain) as PublishedConfig;
}

/**
 * The same config with the schema of each table, as it was found: a bare name means another table under another search path.
 * @param catalogue what the config means; a table that it lacks keeps its text
 */
export function withSchemas(config: PublishedConfig, catalogue: Catalogue): PublishedConfig {
  return mapTables(config, (text, relation) => {
    const table = relation === undefined ? catalogue.contacts.table : catalogue.relations.get(relation)?.table;
    return table ? tableText(table) : text;
  });
}

/** The same config, where a table that another config names with its schema is named as there. */
function withTableNamesOf(config: PublishedConfig, other: PublishedConfig): PublishedConfig {
  return mapTables(config, (text, relation) => {
    const there = relation === undefined ? other.contacts.table : other.relations?.[relation]?.table;
    const [own, its] = [parseTable(text), there === undefined ? undefined : parseTable(there)];
    const isSame =
      own !== undefined && own.name === its?.name && (own.schema === undefined || own.schema === its.schema);
    return isSame && there !== undefined ? there : text;
  });
}

function mapTables(config: PublishedConfig, map: (text: string, relation?: string) => string): PublishedConfig {
  const { contacts, relations } = config;
  const named = Object.entries(relations ?? {}).map(
    ([name, relation]) => [name, { ...relation, table: map(relation.table, name) }] as const,
  );
  return sortedKeys({
    ...config,
    contacts: { ...contacts, table: map(contacts.table) },
    relations: Object.fromEntries(named),
  }) as PublishedConfig;
}

/** Whether a value says nothing: a list or mapping without entries, where none is asked for. */
function isEmpty(value: unknown): boolean {
  return value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}

/** Conditions and the values of ranks. */
const WRITTEN: ReadonlySet<string> = new Set(['where', 'by', 'among']);

/** A condition is kept as it is written; in the rest, order is of no meaning. */
function sortedKeys(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return key === 'exclude' ? [...new Set(value.map(String))].toSorted() : value;
  if (typeof value !== 'object' || value === null || WRITTEN.has(key)) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    entries
      .map(([name, part]) => [name, sortedKeys(part, name)] as const)
      .filter(([name, part]) => (WRITTEN.has(name) ? part !== undefined : !isEmpty(part))),
  );
}

export interface ConfigChange {
  /** Where, as the file says it: `timezone`, `contacts.where`, `fields.total`, `relations.orders.time`. */
  readonly path: string;
  /** As JSON; absent: it was not there. */
  readonly before?: string;
  /** As JSON; absent: it was removed. */
  readonly after?: string;
}

/** What a config says that another does not, in order of the paths. */
export function configChanges(before: PublishedConfig, after: PublishedConfig): readonly ConfigChange[] {
  const [old, now] = [valuesByPath(before), valuesByPath(after)];
  const paths = [...new Set([...old.keys(), ...now.keys()])].toSorted();
  return paths.flatMap((path) => {
    const [was, is] = [old.get(path), now.get(path)];
    return was === is
      ? []
      : [{ path, ...(was === undefined ? {} : { before: was }), ...(is === undefined ? {} : { after: is }) }];
  });
}

export function changeLine({ path, before, after }: ConfigChange): string {
  if (before === undefined) return `+ ${path}: ${after ?? ''}`;
  if (after === undefined) return `- ${path}: ${before}`;
  return `~ ${path}: ${before} → ${after}`;
}

/** One sentence about a config that differs from the published one; undefined when they agree. @param name what the config is called */
export function configDifferenceSentence(name: string, own: Config, published: Config): string | undefined {
  const there = publishedConfig(published);
  const paths = configChanges(there, withTableNamesOf(publishedConfig(own), there)).map(({ path }) => path);
  if (paths.length === 0) return undefined;
  const named = [
    ...paths.slice(0, MOST_NAMED),
    ...(paths.length > MOST_NAMED ? [`and ${paths.length - MOST_NAMED} more`] : []),
  ];
  return `${name} differs from the published catalogue (${named.join(', ')}), which counts; \`segmentd install --dry-run\` shows what would change.`;
}

const MOST_NAMED = 10;

function valuesByPath(config: PublishedConfig): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const add = (path: string, value: unknown): void => {
    if (value !== undefined) found.set(path, canonical(value));
  };
  const { contacts, relations, ranks, ...rest } = config;
  for (const [name, value] of Object.entries(rest)) add(name, value);
  const { fields, ...own } = contacts;
  for (const [name, value] of Object.entries(own)) add(`contacts.${name}`, value);
  for (const [name, value] of Object.entries(fields ?? {})) add(`fields.${name}`, value);
  for (const [relation, { fields: its, ...said }] of Object.entries(relations ?? {})) {
    for (const [name, value] of Object.entries(said)) add(`relations.${relation}.${name}`, value);
    for (const [name, value] of Object.entries(its ?? {})) add(`relations.${relation}.fields.${name}`, value);
  }
  for (const [rank, said] of Object.entries(ranks ?? {}))
    for (const [name, value] of Object.entries(said)) add(`ranks.${rank}.${name}`, value);
  return found;
}

/** JSON whose keys are in order, as jsonb does not keep the order of a file. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
