/** The whole way, once for each type that a contact's key may have, with names that need quotes. */
import { expect, test } from 'vitest';
import { createWorld } from './cli-world.ts';

const CONFIG = `
contacts: { table: '"C R M"."Per""son"', key: 'I d' }
relations: { 'bought items': { table: '"C R M"."order"', contact: 'user', time: 'at' } }
`;

test.each([
  ['integer', '7', '11'],
  ['smallint', '-32768', '32767'],
  ['bigint', '9007199254740993', '9007199254740995'],
  ['uuid', '00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'],
  ['text', "O'Brien", 'Zoë "Z"'],
  ['text collate "C"', 'b', 'a'],
  ['varchar(20)', 'x y', 'é'],
])('%s', { timeout: 30_000 }, async (type, one, two) => {
  const world = await createWorld({
    config: CONFIG,
    tables: `create schema "C R M";
      create table "C R M"."Per""son" ("I d" ${type} primary key, "Land" text);
      create table "C R M"."order" (id serial primary key, "user" ${type} references "C R M"."Per""son" on delete cascade, at timestamp, "select" int);
      create index on "C R M"."order" ("user")`,
  });
  try {
    const ok = async (...argv: string[]): Promise<string> => {
      const { code, stdout, stderr } = await world.run(...argv);
      expect({ code, stderr }, argv.join(' ')).toEqual({ code: 0, stderr: '' });
      return stdout;
    };
    await ok('migrate');
    await ok('install');
    await world.file('c.json', {
      or: [{ '==': [{ var: 'Land' }, 'ES'] }, { some: [{ var: 'bought items' }, { '>': [{ var: 'select' }, 1] }] }],
    });
    await ok('create', 'c', '--condition', 'c.json');
    await ok('run', '--once');
    expect(await world.run('members', 'c')).toEqual({ code: 0, stdout: '', stderr: 'c has no members.\n' });
    await world.database.query(`insert into "C R M"."Per""son" values ($1, 'ES'), ($2, null)`, [one, two]);
    await ok('run', '--once');
    expect(await ok('members', 'c')).toBe(`${one}\n`);
    await world.database.query(`insert into "C R M"."order" ("user", at, "select") values ($1, now(), 2)`, [two]);
    await world.database.query(`update "C R M"."Per""son" set "Land" = 'PT' where "I d" = $1`, [one]);
    await ok('run', '--once');
    expect(await ok('members', 'c')).toBe(`${two}\n`);
    expect(JSON.parse(await ok('segments-of', two, '--json'))).toMatchObject([{ key: 'c' }]);
    await ok('verify');
    expect(JSON.parse(await ok('explain', 'c', two, '--json'))).toMatchObject({
      exists: true,
      computed: true,
      stored: { member: true },
    });
    expect(await ok('export', 'c', '--columns', 'contact_id,Land,bought items.count', '--format', 'ndjson')).toMatch(
      /^\{"contact_id": ?("|-?\d).*"bought items\.count": ?1\}\n$/,
    );
    await ok('create', 'hand', '--kind', 'static');
    await ok('add', 'hand', one);
    await ok('run', '--once');
    expect(await ok('members', 'hand')).toBe(`${one}\n`);
    // Joins go through the team's index, whichever of the two types a value has.
    await world.database.query('analyze');
    const results: unknown = await world.database.pool.query(`set enable_seqscan = off;
      explain select from "C R M"."Per""son" c where c."I d" = (select m.contact_id from segmentd.membership m limit 1); reset all`);
    const plan = (results as { rows: { 'QUERY PLAN'?: string }[] }[])
      .flatMap(({ rows }) => rows.map((row) => row['QUERY PLAN']))
      .join('\n');
    expect(plan).toMatch(/son_pkey"[^]*Index Cond: \(.*I d/);
  } finally {
    await world.end();
  }
});
