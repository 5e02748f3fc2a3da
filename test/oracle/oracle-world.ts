/**
 * Tables of every family and odd type, with relations one, two and three hops away, their catalogue, random rows, and the
 * rows read back as the evaluator's documents. Names need quotes on purpose.
 */
import { type Catalogue, CONTACT, type Field, type Relation, relationPath } from '../../src/catalogue/catalogue.ts';
import { namesInScope, stepsFrom, toOneRelations } from '../../src/catalogue/to-one-relation.ts';
import type { ContactDocument, DocumentRow, DocumentValue } from '../../src/condition/evaluate/document.ts';
import type { TestDatabase } from '../support/database.ts';
import { field, fields } from '../condition/catalogue.ts';
import {
  dates,
  instant,
  jsons,
  labels,
  leapDates,
  monthEnds,
  numbers,
  oddDates,
  oddInstants,
  texts,
  ties,
  written,
  uuids,
} from './pool.ts';
import { narrowed } from './narrowed-relation.ts';
import type { Random } from '../support/random.ts';

const integer = { integer: true } as const;
const path = (column: string, ...steps: string[]) => ({ column, path: steps });

const contactFields: readonly Field[] = [
  field('contact', 'country', 'text'),
  field('contact', 'city', 'text', { sqlType: 'character varying(80)' }),
  field('contact', 'mood', 'text', { sqlType: 'fuzz."Mood"', castText: true, labels: [...labels] }),
  field('contact', 'code', 'text', { sqlType: 'character(9)', castText: true }),
  field('contact', 'nick', 'text', { sqlType: 'fuzz.nick', castText: true }),
  field('contact', 'loose', 'text', { collate: true }),
  field('contact', 'small', 'number', { sqlType: 'smallint', ...integer }),
  field('contact', 'points', 'number', { sqlType: 'integer', ...integer }),
  field('contact', 'big', 'number', { sqlType: 'bigint', ...integer }),
  field('contact', 'balance', 'number'),
  field('contact', 'price', 'number', { sqlType: 'numeric(12,2)' }),
  field('contact', 'score', 'number', { sqlType: 'double precision' }),
  field('contact', 'ratio', 'number', { sqlType: 'real' }),
  field('contact', 'vip', 'boolean', { column: `V.I."P"?` }),
  field('contact', 'birth_date', 'date'),
  field('contact', 'renews_on', 'date'),
  field('contact', 'created_at', 'instant'),
  field('contact', 'seen_at', 'instant', { column: 'select' }),
  field('contact', 'local_at', 'instant', { sqlType: 'timestamp without time zone' }),
  field('contact', 'token', 'uuid'),
  field('contact', 'tags', 'text', { array: true }),
  field('contact', 'moods', 'text', { array: true, sqlType: 'fuzz."Mood"[]', castText: true }),
  field('contact', 'sizes', 'number', { array: true, sqlType: 'integer[]', ...integer }),
  field('contact', 'shorts', 'number', { array: true, sqlType: 'smallint[]', ...integer }),
  field('contact', 'prices', 'number', { array: true, sqlType: 'numeric[]' }),
  field('contact', 'rates', 'number', { array: true, sqlType: 'double precision[]' }),
  field('contact', 'days', 'date', { array: true, sqlType: 'date[]' }),
  field('contact', 'moments', 'instant', { array: true, sqlType: 'timestamp with time zone[]' }),
  field('contact', 'tokens', 'uuid', { array: true, sqlType: 'uuid[]' }),
  field('contact', 'flags', 'boolean', { array: true, sqlType: 'boolean[]' }),
  field('contact', 'licences', 'number', { column: 'licence text', sqlType: 'text', reading: 'number' }),
  field('contact', 'joined', 'date', { sqlType: 'text', reading: 'DD/MM/YYYY' }),
  field('contact', 'called', 'instant', { sqlType: 'text', collate: true, reading: 'YYYY-MM-DD HH:MI:SS' }),
  field('contact', 'stamped', 'instant', { sqlType: 'character varying(60)', reading: 'ISO 8601' }),
  field('contact', 'langs', 'text', { sqlType: 'text', array: true, split: '|' }),
  field('contact', 'topics', 'text', { sqlType: 'character varying(200)', array: true, collate: true, split: ', ' }),
  field('contact', 'attributes', 'json'),
  field('contact', 'extra', 'json', { sqlType: 'json' }),
  field('contact', 'place', 'other'),
  field('contact', 'attributes.plan', 'text', path('attributes', 'plan')),
  field('contact', 'attributes.deep', 'text', path('attributes', 'd"{,} \\', '0')),
  field('contact', 'attributes.age', 'number', { ...path('attributes', 'age'), ...integer }),
  field('contact', 'attributes.rate', 'number', path('attributes', 'rate')),
  field('contact', 'attributes.active', 'boolean', path('attributes', 'active')),
  field('contact', 'attributes.since', 'date', path('attributes', 'since')),
  field('contact', 'attributes.seen', 'instant', path('attributes', 'seen')),
  field('contact', 'attributes.ident', 'uuid', path('attributes', 'ident')),
  field('contact', 'attributes.born', 'date', { ...path('attributes', 'born'), reading: 'YYYYMMDD' }),
  field('contact', 'attributes.any', 'json', path('attributes', 'any')),
  field('contact', 'attributes.likes', 'text', { ...path('attributes', 'likes'), array: true }),
  field('contact', 'attributes.nums', 'number', { ...path('attributes', 'nums'), array: true }),
];

const orders: Relation = {
  name: 'orders',
  table: { schema: 'fuzz', name: 'Order' },
  link: { kind: 'contact', column: 'who', sqlType: 'integer' },
  time: 'placed_at',
  key: ['id'],
  fields: fields(
    field('orders', 'id', 'number', { sqlType: 'integer', ...integer }),
    field('orders', 'status', 'text', { sqlType: 'fuzz."Mood"', castText: true, labels: [...labels] }),
    field('orders', 'note', 'text'),
    field('orders', 'total', 'number'),
    field('orders', 'rank', 'number', { sqlType: 'integer', ...integer }),
    field('orders', 'weight', 'number', { sqlType: 'double precision' }),
    field('orders', 'gift', 'boolean'),
    field('orders', 'due_on', 'date'),
    field('orders', 'placed_at', 'instant'),
    field('orders', 'paid_on', 'date', { sqlType: 'character(10)', reading: 'MM/DD/YYYY' }),
    field('orders', 'fee', 'number', { sqlType: 'text', reading: 'number' }),
    field('orders', 'local_at', 'instant', { sqlType: 'timestamp without time zone' }),
    field('orders', 'token', 'uuid'),
    field('orders', 'codes', 'text', { array: true }),
    field('orders', 'meta.kind', 'text', path('meta', 'kind')),
    field('orders', 'meta.worth', 'number', path('meta', 'worth')),
  ),
};

const items: Relation = {
  name: 'items',
  table: { schema: 'fuzz', name: 'item' },
  link: { kind: 'through', relation: 'orders', column: 'order', sqlType: 'integer', target: 'id', single: true },
  time: 'made_on',
  key: ['id'],
  fields: fields(
    field('items', 'id', 'number', { sqlType: 'integer', ...integer }),
    field('items', 'sku', 'text'),
    field('items', 'quantity', 'number', { sqlType: 'integer', ...integer }),
    field('items', 'price', 'number', { sqlType: 'real' }),
    field('items', 'made_on', 'date'),
    field('items', 'at', 'instant'),
  ),
};

const parts: Relation = {
  name: 'parts',
  table: { schema: 'fuzz', name: 'part' },
  link: { kind: 'through', relation: 'items', column: 'item', sqlType: 'integer', target: 'id', single: true },
  fields: fields(field('parts', 'name', 'text'), field('parts', 'fine', 'boolean')),
};

/** Many orders have one maker, many makers one region: several ways lead from a row to a contact. */
const makers: Relation = {
  name: 'makers',
  table: { schema: 'fuzz', name: 'maker' },
  link: { kind: 'through', relation: 'orders', column: 'id', sqlType: 'integer', target: 'maker' },
  unique: true,
  time: 'since',
  key: ['id'],
  fields: fields(
    field('makers', 'id', 'number', { sqlType: 'integer', ...integer }),
    field('makers', 'name', 'text'),
    field('makers', 'worth', 'number'),
    field('makers', 'size', 'number', { sqlType: 'double precision' }),
    field('makers', 'since', 'instant'),
  ),
};

/** What a contact refers to, and what that refers to: fields of their one row are values. */
const firm: Relation = {
  name: 'firm',
  table: { schema: 'fuzz', name: 'firm' },
  link: { kind: 'through', relation: CONTACT, column: 'id', sqlType: 'integer', target: 'firm', single: true },
  unique: true,
  time: 'founded',
  fields: fields(
    field('firm', 'title', 'text'),
    field('firm', 'staff', 'number', { sqlType: 'integer', ...integer }),
    field('firm', 'rating', 'number', { sqlType: 'double precision' }),
    field('firm', 'listed', 'boolean'),
    field('firm', 'founded', 'date'),
    field('firm', 'audited_at', 'instant'),
    field('firm', 'sites', 'text', { array: true }),
    field('firm', 'data.kind', 'text', path('data', 'kind')),
  ),
};

const group: Relation = {
  name: 'group',
  table: { schema: 'fuzz', name: 'group' },
  link: { kind: 'through', relation: 'firm', column: 'id', sqlType: 'integer', target: 'group' },
  unique: true,
  fields: fields(field('group', 'title', 'text'), field('group', 'worth', 'number')),
};

/** Beside the firm of a contact: rows of the same table that the maker of an order refers to. */
const owner: Relation = {
  name: 'owner',
  table: { schema: 'fuzz', name: 'firm' },
  link: { kind: 'through', relation: 'makers', column: 'id', sqlType: 'integer', target: 'owner' },
  unique: true,
  fields: fields(
    field('owner', 'title', 'text'),
    field('owner', 'staff', 'number', { sqlType: 'integer', ...integer }),
    field('owner', 'founded', 'date'),
  ),
};

const regions: Relation = {
  name: 'regions',
  table: { schema: 'fuzz', name: 'region' },
  link: { kind: 'through', relation: 'makers', column: 'code', sqlType: 'text', target: 'region' },
  time: 'since',
  fields: fields(
    field('regions', 'area', 'number', { sqlType: 'integer', ...integer }),
    field('regions', 'since', 'date'),
  ),
};

const seats: Relation = {
  name: 'seats',
  table: { schema: 'fuzz', name: 'seat' },
  link: { kind: 'contact', column: 'who', sqlType: 'integer' },
  fields: fields(field('seats', 'role', 'text'), field('seats', 'share', 'number')),
};

/** Many contacts in many teams, some of them twice. */
const teams: Relation = {
  name: 'teams',
  table: { schema: 'fuzz', name: 'team' },
  link: { kind: 'through', relation: 'seats', column: 'id', sqlType: 'integer', target: 'team' },
  time: 'made_at',
  key: ['id'],
  fields: fields(
    field('teams', 'id', 'number', { sqlType: 'integer', ...integer }),
    field('teams', 'name', 'text'),
    field('teams', 'rank', 'number', { sqlType: 'integer', ...integer }),
    field('teams', 'made_at', 'instant'),
  ),
};

/** One way leads from a badge to its team, several from there to the contact. */
const badges: Relation = {
  name: 'badges',
  table: { schema: 'fuzz', name: 'badge' },
  link: { kind: 'through', relation: 'teams', column: 'team', sqlType: 'integer', target: 'id', single: true },
  fields: fields(
    field('badges', 'points', 'number', { sqlType: 'integer', ...integer }),
    field('badges', 'on', 'date'),
  ),
};

/** Numbers of the contact in a table of segmentd: no condition asks for rows of it. */
const ranks: Relation = {
  name: 'ranks',
  table: { schema: 'fuzz', name: 'rank' },
  link: { kind: 'contact', column: 'who', sqlType: 'integer' },
  unique: true,
  valuesOnly: true,
  fields: fields(
    field('ranks', 'monetary', 'number', { ...path('rank', 'monetary'), ...integer }),
    field('ranks', 'place', 'number', { ...path('rank', 'place'), ...integer }),
  ),
};

export function catalogueWith(timestamps: string): Catalogue {
  return {
    contacts: {
      table: { schema: 'fuzz', name: 'Per son' },
      key: { column: 'ID', type: 'integer', sqlType: 'integer' },
      created: 'created_at',
      fields: fields(...contactFields),
    },
    relations: new Map(
      [orders, items, parts, makers, regions, seats, teams, badges, firm, group, owner, ...narrowed, ranks].map(
        (relation) => [relation.name, relation],
      ),
    ),
    timezone: 'Europe/Madrid',
    timestamps,
    foldCollation: 'und-x-icu',
  };
}

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
/** Keys are made with the tables. */
const isColumn = (item: Field): boolean => item.path === undefined && item.name !== 'id';

function columnsOf(list: Iterable<Field>): Field[] {
  return [...list].filter(isColumn);
}

function ddl(table: string, keys: string, list: Iterable<Field>): string {
  const columns = columnsOf(list).map(
    (item) => `${quote(item.column)} ${item.sqlType}${item.collate ? ' collate fuzz.loose' : ''}`,
  );
  return `create table fuzz.${quote(table)} (${[keys, ...columns].join(', ')})`;
}

export interface Sizes {
  readonly contacts: number;
  readonly orders: number;
  readonly items: number;
  readonly parts: number;
}

const MAKERS = 9;
const REGIONS = 4;
const TEAMS = 6;
const FIRMS = 12;
const GROUPS = 3;

export async function createWorld(database: TestDatabase, r: Random, sizes: Sizes): Promise<void> {
  await database.query(`create schema fuzz`);
  await database.query(
    `create type fuzz."Mood" as enum (${labels.map((label) => `'${label.replaceAll("'", "''")}'`).join(', ')})`,
  );
  await database.query(`create domain fuzz.nick as text`);
  await database.query(
    `create collation fuzz.loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false)`,
  );
  const catalogue = catalogueWith('UTC');
  await database.query(ddl('Per son', '"ID" integer primary key, firm integer', catalogue.contacts.fields.values()));
  await database.query(
    ddl('Order', 'id integer primary key, who integer, meta jsonb, maker integer', orders.fields.values()),
  );
  await database.query(ddl('item', 'id integer primary key, "order" integer', items.fields.values()));
  await database.query(ddl('part', 'id integer primary key, item integer', parts.fields.values()));
  await database.query(ddl('maker', 'id integer primary key, region text, owner integer', makers.fields.values()));
  await database.query(ddl('firm', 'id integer primary key, data jsonb, "group" integer', firm.fields.values()));
  await database.query(ddl('group', 'id integer primary key', group.fields.values()));
  await database.query(ddl('region', 'id integer primary key, code text', regions.fields.values()));
  await database.query(ddl('seat', 'id integer primary key, who integer, team integer', seats.fields.values()));
  await database.query(ddl('team', 'id integer primary key', teams.fields.values()));
  await database.query(ddl('rank', 'who integer primary key, rank jsonb', ranks.fields.values()));
  await database.query(ddl('badge', 'id integer primary key, team integer', badges.fields.values()));
  // Some keys lead nowhere, some are null: a link is not a foreign key. A few have many rows, so that rows tie.
  const few = (count: number): string | null => (r.chance(0.05) ? null : String(r.below(count)));
  const link = (count: number): string | null =>
    r.chance(0.03) ? null : String(r.chance(0.3) ? r.below(12) : r.below(count + 2));
  await fill(
    database,
    r,
    'Per son',
    sizes.contacts,
    ['ID', 'firm'],
    (id) => [String(id), few(FIRMS + 1)],
    contactFields,
  );
  await fill(
    database,
    r,
    'firm',
    FIRMS,
    ['id', 'data', 'group'],
    (id) => [String(id), object(r, ['kind']), few(GROUPS + 1)],
    firm.fields.values(),
  );
  await fill(database, r, 'group', GROUPS, ['id'], (id) => [String(id)], group.fields.values());
  await fill(
    database,
    r,
    'Order',
    sizes.orders,
    ['id', 'who', 'meta', 'maker'],
    (id) => [String(id), link(sizes.contacts), object(r, ['kind', 'worth']), few(MAKERS)],
    orders.fields.values(),
  );
  await fill(
    database,
    r,
    'item',
    sizes.items,
    ['id', 'order'],
    (id) => [String(id), link(sizes.orders)],
    items.fields.values(),
  );
  await fill(
    database,
    r,
    'part',
    sizes.parts,
    ['id', 'item'],
    (id) => [String(id), link(sizes.items)],
    parts.fields.values(),
  );
  await fill(
    database,
    r,
    'maker',
    MAKERS,
    ['id', 'region', 'owner'],
    (id) => [String(id), few(REGIONS), few(FIRMS + 1)],
    makers.fields.values(),
  );
  // Two regions have one code, so that a maker leads to both.
  await fill(
    database,
    r,
    'region',
    REGIONS,
    ['id', 'code'],
    (id) => [String(id), String(id % (REGIONS - 1))],
    regions.fields.values(),
  );
  await fill(
    database,
    r,
    'seat',
    sizes.contacts,
    ['id', 'who', 'team'],
    (id) => [String(id), link(sizes.contacts), few(TEAMS)],
    seats.fields.values(),
  );
  await fill(database, r, 'team', TEAMS, ['id'], (id) => [String(id)], teams.fields.values());
  await fill(database, r, 'badge', 2 * TEAMS, ['id', 'team'], (id) => [String(id), few(TEAMS)], badges.fields.values());
  // Two of three contacts have ranks, or one of the two.
  await database.query(`insert into fuzz.rank select "ID", jsonb_strip_nulls(jsonb_build_object('monetary', nullif("ID" % 6, 0),
    'place', case when "ID" % 4 > 0 then 1 + "ID" / 5 end)) from fuzz."Per son" where "ID" % 3 > 0`);
  await database.query('create index on fuzz.seat (who)');
  await database.query('create index on fuzz."Order" (who)');
  await database.query('create index on fuzz.item ("order")');
  await database.query('create index on fuzz.part (item)');
  await database.query('analyze');
}

type Cell = string | null;

async function fill(
  database: TestDatabase,
  r: Random,
  table: string,
  count: number,
  keys: readonly string[],
  keyValues: (id: number) => Cell[],
  list: Iterable<Field>,
): Promise<void> {
  const columns = columnsOf(list);
  const names = [...keys, ...columns.map((item) => item.column)];
  const rows = Array.from({ length: count }, (_, id) => [...keyValues(id), ...columns.map((item) => cell(r, item))]);
  for (let start = 0; start < rows.length; start += 100) {
    const chunk = rows.slice(start, start + 100);
    const tuples = chunk.map((row) => `(${row.map(literalText).join(', ')})`);
    await database.query(
      `insert into fuzz.${quote(table)} (${names.map(quote).join(', ')}) values ${tuples.join(', ')}`,
    );
  }
}

function literalText(text: Cell): string {
  return text === null ? 'null' : `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** Text of a random value for a column; rarely NULL, sometimes odd. */
function cell(r: Random, item: Field): Cell {
  if (r.chance(0.12)) return null;
  if (!item.array) return scalar(r, item);
  if (item.split !== undefined) return r.some(texts, r.pick([0, 1, 1, 2, 3, 4])).join(r.chance(0.9) ? item.split : ' ');
  const elements = Array.from({ length: r.pick([0, 1, 2, 3]) }, () => (r.chance(0.1) ? null : scalar(r, item)));
  return `{${elements.map((text) => (text === null ? 'NULL' : `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`)).join(',')}}`;
}

function scalar(r: Random, item: Field): string {
  const { family, sqlType, reading } = item;
  if (reading !== undefined) {
    const text = written(r, reading);
    return sqlType === 'character(10)' ? text.slice(0, 10) : text;
  }
  switch (family) {
    case 'text':
      if (sqlType.includes('Mood')) return r.pick(labels);
      return sqlType === 'character(9)' ? Array.from(r.pick(texts)).slice(0, 9).join('') : r.pick(texts);
    case 'number':
      return numberFor(r, sqlType);
    case 'boolean':
      return r.pick(['true', 'false']);
    case 'date':
      return r.chance(0.08) ? r.pick(oddDates) : r.pick(r.pick([leapDates, monthEnds, dates, dates, dates, dates]));
    case 'instant':
      if (r.chance(0.06)) return r.pick(oddInstants);
      return (item.name === 'placed_at' && r.chance(0.4) ? r.pick(ties) : instant(r)).replace(
        /Z$/,
        sqlType.startsWith('timestamp without') ? '' : '+00',
      );
    case 'uuid':
      return r.pick(uuids);
    case 'json':
      return item.name === 'attributes' && r.chance(0.9)
        ? object(r, ['plan', 'age', 'rate', 'active', 'since', 'seen', 'ident', 'born', 'any', 'likes', 'nums'])
        : r.pick(jsons);
    case 'other':
      return '(1,2)';
  }
}

function numberFor(r: Random, sqlType: string): string {
  const width: Readonly<Record<string, bigint>> = { smallint: 15n, integer: 31n, bigint: 63n };
  const bits = width[sqlType.replace('[]', '')];
  if (bits !== undefined) {
    return r.pick(
      numbers.filter((text) => !text.includes('.') && BigInt(text) < 1n << bits && BigInt(text) >= -(1n << bits)),
    );
  }
  if (sqlType === 'numeric(12,2)')
    return r.chance(0.05) ? 'NaN' : r.pick(['0', '0.1', '0.3', '18.5', '99.99', '100', '250', '-0.5', '2.50']);
  if (r.chance(0.12)) return r.pick(['NaN', 'Infinity', '-Infinity']);
  return r.pick(
    sqlType.startsWith('real') || sqlType.startsWith('double') ? [...numbers, '1e20', '1.5e-7', '-0'] : numbers,
  );
}

function object(r: Random, keys: readonly string[]): string {
  const entries = keys.filter(() => r.chance(0.8)).map((key) => `"${key}": ${r.pick(jsons)}`);
  if (keys.includes('plan') && r.chance(0.7)) entries.push(`"d\\"{,} \\\\": [${r.pick(jsons)}]`);
  return `{${entries.join(', ')}}`;
}

// Reading back: what Postgres prints is what the evaluator gets.

function printed(alias: string, item: Field): string {
  const column = `${alias}.${quote(item.column)}`;
  if (item.path !== undefined) {
    const steps = `array[${item.path.map(literalText).join(', ')}]::text[]`;
    return `(${column} #> ${steps})::text`;
  }
  if (!item.array || item.split !== undefined) return `${column}::text`;
  return `case when ${column} is not null then array(select e::text from unnest(${column}) with ordinality as u(e, n) order by n) end`;
}

function record(alias: string, list: Iterable<Field>): string {
  // A function takes at most 100 arguments.
  const pairs = [...list].map(
    (item) => `jsonb_build_object('${item.name.replaceAll("'", "''")}', ${printed(alias, item)})`,
  );
  return `(${pairs.join(' || ')})`;
}

type Printed = Record<string, DocumentValue>;

/** The one row of each to-one relation: joins to the rows in scope, and their columns by relation. */
function ones(
  catalogue: Catalogue,
  place: string | undefined,
  aliasOf: (hop: string) => string,
): { readonly joins: string; readonly columns: string } {
  const relations = [...toOneRelations(catalogue, place).values()];
  const key = catalogue.contacts.key.column;
  const joins = relations.map((relation) => {
    const steps = stepsFrom(catalogue, relation, namesInScope(catalogue, place)) ?? [];
    const tables = steps.map(({ table }, i) => `fuzz.${quote(table.name)} as q${i}`);
    const links = steps.map(({ link }, i) => {
      const [before, target] = link.kind === 'through' ? [link.relation, link.target] : [CONTACT, key];
      return `q${i}.${quote(link.column)} = ${i + 1 < steps.length ? `q${i + 1}` : aliasOf(before)}.${quote(target)}`;
    });
    return `left join lateral (select q0.* from ${tables.join(', ')} where ${links.join(' and ')}) as ${quote(`one ${relation.name}`)} on true`;
  });
  const columns = relations.map(({ name, fields: own }) => `'${name}', ${record(quote(`one ${name}`), own.values())}`);
  return { joins: joins.join(' '), columns: `jsonb_build_object(${columns.join(', ')})` };
}

/** Documents by contact key. The session must print in UTC. */
export async function readDocuments(database: TestDatabase): Promise<Map<number, ContactDocument>> {
  const catalogue = catalogueWith('UTC');
  const documents = new Map<number, ContactDocument & { relations: Record<string, DocumentRow[]> }>();
  const beside = ones(catalogue, undefined, () => 's');
  const contacts = await database.query<{ id: number; fields: Printed; one: Record<string, Printed> }>(
    `select s."ID" as id, ${record('s', catalogue.contacts.fields.values())} as fields, ${beside.columns} as one from fuzz."Per son" s ${beside.joins}`,
  );
  for (const { id, fields: own, one } of contacts)
    documents.set(id, {
      key: String(id),
      fields: own,
      one,
      relations: Object.fromEntries([...catalogue.relations.keys()].map((name) => [name, []])),
      segments: [],
    });
  for (const relation of catalogue.relations.values()) {
    const hops = relationPath(catalogue, relation.name);
    const tables = hops.map((hop, i) => `fuzz.${quote(hop.table.name)} as r${i}`);
    const links = hops.flatMap((hop, i) =>
      hop.link.kind === 'through' ? [`r${i}.${quote(hop.link.column)} = r${i + 1}.${quote(hop.link.target)}`] : [],
    );
    const last = hops.at(-1);
    const middle = hops.slice(1).map((hop, i) => `'${hop.name}', ${record(`r${i + 1}`, hop.fields.values())}`);
    const identity = hops.map((hop, i) => `jsonb_build_object('relation', '${hop.name}', 'row', r${i}.ctid::text)`);
    const { joins, columns } = ones(
      catalogue,
      relation.name,
      (name) => `r${hops.findIndex((hop) => hop.name === name)}`,
    );
    const rows = await database.query<{
      id: number | null;
      fields: Printed;
      one: Record<string, Printed>;
      middle: Record<string, Printed>;
      identity: { relation: string; row: string }[];
    }>(
      `select r${hops.length - 1}.${quote(last?.link.column ?? '')} as id, ${record('r0', relation.fields.values())} as fields, jsonb_build_object(${middle.join(', ')}) as middle, ${columns} as one,
         jsonb_build_array(${identity.join(', ')}) as identity
         from ${tables.join(' cross join ')} ${joins}${links.length > 0 ? ` where ${links.join(' and ')}` : ''}`,
    );
    for (const row of rows) {
      if (row.id === null) continue;
      documents.get(row.id)?.relations[relation.name]?.push({
        fields: row.fields,
        middle: row.middle,
        one: row.one,
        identity: row.identity,
      });
    }
  }
  return documents;
}
