/** The order in which a file names its relations means nothing: the published catalogue keeps another one, and capture is the same for both. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { planSources } from '../../src/capture/source.ts';
import { parseConfig } from '../../src/catalogue/load-config.ts';
import { resolveCatalogue } from '../../src/catalogue/resolve-catalogue.ts';
import { createWorld, type World } from '../cli/cli-world.ts';

const TABLES = `
  create table public.towns (id int primary key, name text);
  create table public.stores (id int primary key, name text);
  create table public.contacts (id int primary key, email text, phone text, town_id int, store_id int);
  create table public.rentals (id int primary key, contact_id int, town_id int, staff_id int, at timestamptz);
  create table public.staff (id int primary key, name text);
  create index on public.contacts (town_id); create index on public.contacts (store_id); create index on public.rentals (contact_id);
  create index on public.rentals (staff_id);`;
const RELATIONS = {
  me: '{ table: public.contacts, contact: id, exclude: [phone] }',
  town: '{ table: public.towns, through: me, on: { id: town_id } }',
  a_store: '{ table: public.stores, through: me, on: { id: store_id } }',
  rentals_with_time: '{ table: public.rentals, contact: contact_id, time: at, exclude: [staff_id] }',
  rentals: '{ table: public.rentals, contact: contact_id, exclude: [at] }',
  staff: '{ table: public.staff, through: rentals, on: { id: staff_id } }',
  lines: '{ table: public.staff, through: rentals, on: { id: staff_id } }',
};

const config = (names: readonly string[]): string =>
  `contacts: { table: public.contacts, key: id, exclude: [email] }\nrelations:\n${Object.entries(RELATIONS)
    .toSorted(([a], [b]) => names.indexOf(a) - names.indexOf(b))
    .map(([name, entry]) => `  ${name}: ${entry}\n`)
    .join('')}`;

let world: World;
beforeAll(async () => {
  world = await createWorld({ tables: TABLES, config: config(Object.keys(RELATIONS)) });
});
afterAll(() => world.end());

test('sources do not depend on the order of relations', async () => {
  const sources = async (names: readonly string[]) => {
    const plans = planSources(await resolveCatalogue(world.database.pool, parseConfig(config(names), 'c')));
    return plans.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  };
  const names = Object.keys(RELATIONS);
  expect(await sources(names.toReversed())).toEqual(await sources(names));
});

test('doctor finds capture in place after install, and install finds nothing to do', async () => {
  await world.ok('migrate');
  await world.ok('install');
  const findings = (await world.json('doctor')) as { level: string; sentence: string }[];
  expect(findings.filter(({ level }) => level === 'fail')).toEqual([]);
  expect(await world.ok('install')).toBe('up to date\n');
});
