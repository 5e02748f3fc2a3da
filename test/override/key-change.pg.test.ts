/** Plain SQL changes the keys of contacts: their overrides move to the new keys, and membership follows. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { forgetContact } from '../../src/audit/forget.ts';
import { createWorld as createTeam } from '../cli/cli-world.ts';
import { play, sampled, SCALE } from '../race/schedule.ts';
import { castOf, sequence } from '../support/world-actor.ts';
import { spanish } from '../support/world-meaning.ts';
import { installedCapture } from '../support/world-schema.ts';
import { startWorker } from '../support/world-worker.ts';
import { createWorld, type World } from '../support/world.ts';
import { until } from '../support/until.ts';

vi.setConfig({ testTimeout: 120_000 });

const PEOPLE = `insert into public.contacts (id, country) select i, case when i % 2 = 1 then 'ES' else 'PT' end from generate_series(1, 9) i`;

let world: World;
beforeAll(async () => {
  // A constraint that is checked at the end of the statement, so that one statement may swap keys.
  world = await createWorld({
    capture: ({ pool }, catalogue) => installedCapture(pool, catalogue),
    tables: 'alter table public.contacts drop constraint contacts_pkey, add primary key (id) deferrable',
  });
});
afterAll(() => world.end());
beforeEach(async () => {
  await world.begin(PEOPLE, { one: spanish, two: spanish });
  await world.pool.query(`insert into segmentd.segment (key, kind) values ('hand', 'static')`);
  await world.settle();
});

const sql = (text: string) => world.pool.query(text);

async function decide(
  key: string,
  contact: number,
  kind: string,
  note: string,
  until: string | null = null,
): Promise<void> {
  await world.pool.query(
    `insert into segmentd.override (segment_id, contact_id, kind, note, expires_at) select s.id, $2, $3, $4, $5 from segmentd.segment s where s.key = $1`,
    [key, contact, kind, note, until],
  );
}

/** All there are. */
async function decisions(): Promise<readonly string[]> {
  const { rows } = await world.pool.query<{ said: string }>(
    `select concat_ws(' ', w.contact_id, s.key, w.kind, w.note, to_char(w.expires_at at time zone 'UTC', 'YYYY')) as said from segmentd.override w
     join segmentd.segment s on s.id = w.segment_id order by w.contact_id, s.key`,
  );
  return rows.map(({ said }) => said);
}

async function ended(): Promise<readonly string[]> {
  await world.settle();
  await world.exact();
  const { rows } = await sql('select from segmentd_internal.key_change');
  expect(rows).toEqual([]);
  return decisions();
}

describe('the changed key of one contact', () => {
  test('moves its overrides with note and end, static members, includes and excludes alike', async () => {
    await decide('one', 3, 'exclude', 'asked', '2099-01-01');
    await decide('two', 3, 'include', 'likes it');
    await decide('hand', 3, 'member', 'by name', '2098-01-01');
    await world.settle();
    const before = await sql('select w.segment_id, w.created_by, w.created_at from segmentd.override w order by 1');
    await sql('update public.contacts set id = 70 where id = 3');
    expect(await ended()).toEqual([
      '70 hand member by name 2098',
      '70 one exclude asked 2099',
      '70 two include likes it',
    ]);
    expect(await world.members('hand')).toEqual(['70']);
    expect(await world.members('one')).not.toContain('70');
    expect(
      (await sql('select w.segment_id, w.created_by, w.created_at from segmentd.override w order by 1')).rows,
    ).toEqual(before.rows);
  });

  test('moves them in a transaction that changes more, and there and back', async () => {
    await decide('hand', 3, 'member', 'x');
    await sql(
      `begin; update public.contacts set id = 70, country = 'PT' where id = 3; update public.contacts set country = 'FR' where id = 70; commit`,
    );
    expect(await ended()).toEqual(['70 hand member x']);
    await sql('update public.contacts set id = 3 where id = 70');
    expect(await ended()).toEqual(['3 hand member x']);
    await sql(
      'begin; update public.contacts set id = 70 where id = 3; update public.contacts set id = 3 where id = 70; commit',
    );
    expect(await ended()).toEqual(['3 hand member x']);
  });

  test('moves them along a chain of changes, in one transaction and in several', async () => {
    await decide('one', 3, 'exclude', 'x');
    await sql(
      'begin; update public.contacts set id = 70 where id = 3; update public.contacts set id = 71 where id = 70; commit',
    );
    await sql('update public.contacts set id = 72 where id = 71');
    await sql('update public.contacts set id = 73 where id = 72');
    expect(await ended()).toEqual(['73 one exclude x']);
  });

  test('moves none when the transaction is rolled back', async () => {
    await decide('one', 3, 'exclude', 'x');
    await sql('begin; update public.contacts set id = 70 where id = 3; rollback');
    expect(await ended()).toEqual(['3 one exclude x']);
  });

  test('keeps the newer of two overrides in one segment', async () => {
    await decide('one', 3, 'exclude', 'older');
    await decide('two', 70, 'include', 'older');
    await world.pool.query('insert into public.contacts (id) values (70)');
    await decide('one', 70, 'include', 'newer');
    await decide('two', 3, 'exclude', 'newer');
    await sql(
      'begin; delete from public.contacts where id = 70; update public.contacts set id = 70 where id = 3; commit',
    );
    expect(await ended()).toEqual(['70 one include newer', '70 two exclude newer']);
  });

  test('drops the override when the new key is deleted before a worker follows', async () => {
    await decide('hand', 3, 'member', 'x');
    await decide('one', 3, 'include', 'x');
    await world.settle();
    await sql('update public.contacts set id = 70 where id = 3');
    await sql('delete from public.contacts where id = 70');
    expect(await ended()).toEqual([]);
  });

  test('leaves the overrides of another contact that has the old key by now', async () => {
    await decide('one', 3, 'exclude', 'of the first');
    await sql('update public.contacts set id = 70 where id = 3');
    await sql(`insert into public.contacts (id, country) values (3, 'ES')`);
    await decide('two', 3, 'exclude', 'of the second');
    expect(await ended()).toEqual(['3 two exclude of the second', '70 one exclude of the first']);
  });

  test('moves an override that is written while the transaction is open', async () => {
    await decide('two', 3, 'exclude', 'before');
    const client = await world.pool.connect();
    await client.query('begin; update public.contacts set id = 70 where id = 3');
    await decide('one', 3, 'exclude', 'meanwhile');
    await world.settle();
    await client.query('commit');
    client.release();
    expect(await ended()).toEqual(['70 one exclude meanwhile', '70 two exclude before']);
  });

  test('leaves snapshots as they are', async () => {
    await sql(
      `insert into segmentd.segment (key, kind, condition) select 'was', 'snapshot', s.condition from segmentd.segment s where s.key = 'one'`,
    );
    await world.settle();
    expect(await world.members('was')).toEqual(['1', '3', '5', '7', '9']);
    await sql('update public.contacts set id = 70 where id = 3');
    await ended();
    expect(await world.members('was')).toEqual(['1', '5', '7', '9']);
  });

  test('allows move_decisions in the same transaction, before or after', async () => {
    await decide('one', 3, 'exclude', 'x');
    await decide('hand', 5, 'member', 'y');
    await sql('begin; select segmentd.move_decisions(3, 70); update public.contacts set id = 70 where id = 3; commit');
    await sql('begin; update public.contacts set id = 71 where id = 5; select segmentd.move_decisions(5, 71); commit');
    expect(await ended()).toEqual(['70 one exclude x', '71 hand member y']);
  });
});

describe('changed keys of many contacts', () => {
  test('one statement moves each key to the next', async () => {
    for (const contact of [1, 2, 3]) await decide('hand', contact, 'member', `of ${contact}`);
    await sql('update public.contacts set id = id + 1');
    expect(await ended()).toEqual(['2 hand member of 1', '3 hand member of 2', '4 hand member of 3']);
    await sql('update public.contacts set id = id - 1');
    expect(await ended()).toEqual(['1 hand member of 1', '2 hand member of 2', '3 hand member of 3']);
  });

  test('a swap in one statement, and in three', async () => {
    await decide('hand', 1, 'member', 'of 1');
    await decide('hand', 2, 'member', 'of 2');
    await decide('one', 1, 'exclude', 'of 1');
    await sql('update public.contacts set id = 3 - id where id in (1, 2)');
    expect(await ended()).toEqual(['1 hand member of 2', '2 hand member of 1', '2 one exclude of 1']);
    await sql(
      'begin; update public.contacts set id = 70 where id = 1; update public.contacts set id = 1 where id = 2; update public.contacts set id = 2 where id = 70; commit',
    );
    expect(await ended()).toEqual(['1 hand member of 1', '1 one exclude of 1', '2 hand member of 2']);
    for (const change of ['id = 70 where id = 1', 'id = 1 where id = 2', 'id = 2 where id = 70'])
      await sql(`update public.contacts set ${change}`);
    expect(await ended()).toEqual(['1 hand member of 2', '2 hand member of 1', '2 one exclude of 1']);
  });

  test('thousands in one statement, among them many that keep their key', async () => {
    await sql(`insert into public.contacts (id, country) select i, 'FR' from generate_series(1001, 12000) i`);
    await sql(
      `insert into segmentd.override (segment_id, contact_id, kind, note) select s.id, i, 'member', i::text from segmentd.segment s, generate_series(1001, 12000) i where s.key = 'hand'`,
    );
    await world.settle();
    await sql('update public.contacts set id = case when id % 10 = 0 then id else id + 100000 end where id > 1000');
    expect((await ended()).length).toBe(11_000);
    const { rows } = await sql(
      'select count(*)::int as wrong from segmentd.override w where w.contact_id <> case when w.note::int % 10 = 0 then w.note::int else w.note::int + 100000 end',
    );
    expect(rows).toEqual([{ wrong: 0 }]);
    expect((await world.members('hand')).length).toBe(11_000);
  });

  test('other columns of a thousand contacts change: no key is noted', async () => {
    await sql(`begin; update public.contacts set country = 'FR'; update public.contacts set id = id, age = 3`);
    const client = await world.pool.connect();
    await client.query('begin; update public.contacts set age = 4; update public.contacts set id = id where id = 1');
    expect((await client.query('select from segmentd_internal.key_change')).rows).toEqual([]);
    await client.query('rollback');
    client.release();
    await sql('rollback');
  });

  test('more rows than a trigger names', async () => {
    const { rows } = await world.pool.query<{ text: string }>(
      `select pg_get_functiondef(p.oid) as text from pg_proc p where p.pronamespace = 'segmentd_internal'::regnamespace and p.prosrc like '%key_change%' and p.prosrc like '%segmentd_old%'`,
    );
    const [{ text } = { text: '' }] = rows;
    const few = text.replaceAll('5000000', '3').replaceAll('5000001', '4');
    expect([rows.length, few]).toEqual([1, expect.not.stringMatching(/500000/)]);
    expect(few).not.toBe(text);
    await decide('hand', 1, 'member', 'x');
    await decide('one', 3, 'exclude', 'y');
    await world.settle();
    await sql(few);
    try {
      await sql('update public.contacts set id = id + 1');
      expect((await sql('select from segmentd_internal.change c where c.contact_id is not null')).rows).toEqual([]);
      expect(await ended()).toEqual(['2 hand member x', '4 one exclude y']);
      await sql('update public.contacts set age = 5');
      expect((await sql('select from segmentd_internal.key_change')).rows).toEqual([]);
      await ended();
    } finally {
      await sql(text);
    }
  });

  test('TRUNCATE after the change takes the decisions along', async () => {
    await decide('hand', 3, 'member', 'x');
    await world.settle();
    await sql('update public.contacts set id = 70 where id = 3');
    await sql('truncate public.contacts');
    expect(await ended()).toEqual([]);
  });
});

describe('a changed key beside other work', () => {
  test('a paused segment keeps its members, and its decisions follow', async () => {
    await decide('one', 3, 'exclude', 'x');
    await decide('one', 4, 'include', 'y');
    await world.settle();
    await sql(`update segmentd.segment set wanted_state = 'paused' where key = 'one'`);
    await world.settle();
    await sql('update public.contacts set id = id + 100 where id in (3, 4)');
    expect(await ended()).toEqual(['103 one exclude x', '104 one include y']);
    await sql(`update segmentd.segment set wanted_state = 'live' where key = 'one'`);
    await ended();
    expect(await world.members('one')).toEqual(['1', '5', '7', '9', '104']);
  });

  test('more statements than one transaction follows, with overrides at the end of their chain', async () => {
    await decide('hand', 3, 'member', 'x');
    await sql(
      `do $$ begin for i in 100..1300 loop update public.contacts set id = i where id = case i when 100 then 3 else i - 1 end; end loop; end $$`,
    );
    expect(await ended()).toEqual(['1300 hand member x']);
  });

  test('the statement of the team passes while our schema has another name, and the result is exact', async () => {
    await decide('hand', 3, 'member', 'x');
    await world.settle();
    await sql('alter schema segmentd_internal rename to elsewhere');
    try {
      await sql('update public.contacts set id = 70 where id = 3');
      await sql('update public.contacts set id = id + 100 where id in (4, 5)');
    } finally {
      await sql('alter schema elsewhere rename to segmentd_internal');
    }
    expect(await ended()).toEqual([]);
  });

  test('a drain that consumes the change first purges no override that is about to move', async () => {
    await decide('hand', 3, 'member', 'x');
    await decide('one', 3, 'include', 'x');
    await world.settle();
    await sql('update public.contacts set id = 70 where id = 3');
    const drain = await castOf(world).drain('D', { steps: [], batches: Infinity });
    await drain.run(async () => {});
    expect(await decisions()).toEqual(['3 hand member x', '3 one include x']);
    expect(await ended()).toEqual(['70 hand member x', '70 one include x']);
  });

  test('a caller that holds an override delays no other work, and the override moves after its transaction', async () => {
    await decide('hand', 3, 'member', 'x');
    await world.settle();
    const client = await world.pool.connect();
    await client.query(`begin; update segmentd.override w set note = 'y' where w.contact_id = 3`);
    const worker = await startWorker(world);
    try {
      await sql('update public.contacts set id = 70 where id = 3');
      await sql(`update public.contacts set country = 'ES' where id = 2`);
      await until(async () => (await world.members('one')).includes('2'), { message: 'the other change' });
      expect(await decisions()).toEqual(['3 hand member x']);
      await client.query('commit');
      await world.quiet();
      expect(await ended()).toEqual(['70 hand member y']);
    } finally {
      client.release();
      await worker.stop();
    }
  });

  test('the statement of the team passes although our table is missing', async () => {
    await decide('hand', 3, 'member', 'x');
    await sql('alter table segmentd_internal.key_change rename to elsewhere');
    await sql('update public.contacts set id = 70 where id = 3');
    await sql('update public.contacts set id = id + 100 where id in (4, 5)');
    await sql('alter table segmentd_internal.elsewhere rename to key_change');
    expect(await ended()).toEqual([]);
  });

  test('forget leaves no trace of the old key, and the override is with the new one', async () => {
    await decide('hand', 3, 'member', 'x');
    await world.settle();
    await sql('update public.contacts set id = 70 where id = 3');
    await forgetContact(world.pool, world.catalogue, '3');
    expect((await sql('select from segmentd_internal.key_change')).rows).toEqual([]);
    expect(await ended()).toEqual(['70 hand member x']);
  });
});

test('overrides are exact in every order of a chain of key changes, an override, a deletion, two drains and two workers that follow keys', async () => {
  const cast = castOf(world);
  const actors = [
    sequence('W', [
      await cast.write('W1', 'update public.contacts set id = 70 where id = 3'),
      await cast.write('W1', [
        'update public.contacts set id = 71 where id = 70',
        'update public.contacts set id = 80 where id = 4',
      ]),
    ]),
    sequence('X', [
      await cast.write(
        'X1',
        `insert into segmentd.override (segment_id, contact_id, kind) select s.id, c, 'include' from segmentd.segment s, unnest('{3,4}'::bigint[]) c where s.key = 'two'`,
      ),
    ]),
    sequence('G', [await cast.write('G1', 'delete from public.contacts where id = 80')]),
    await cast.drain('D', { steps: ['consumed', 'segments-locked', 'written'], before: 'purge override' }),
    await cast.drain('E', { steps: ['consumed', 'written'] }),
    sequence('R', [await cast.resolve('R1'), await cast.resolve('R1')]),
    sequence('S', [await cast.resolve('S1')]),
  ];
  for (const order of sampled({ W: 5, X: 2, G: 2, D: 4, E: 3, R: 1, S: 1 }, 60 * SCALE, 5)) {
    await world.begin(PEOPLE, { one: spanish, two: spanish }, { again: 'orders' });
    await sql(`insert into segmentd.segment (key, kind) values ('hand', 'static')`);
    await decide('one', 3, 'exclude', 'x');
    await decide('hand', 3, 'member', 'x');
    await decide('hand', 4, 'member', 'y');
    await world.settle();
    await play(world.pool, actors, order);
    const left = await ended();
    expect([order, left.filter((line) => line.endsWith('x'))]).toEqual([
      order,
      ['71 hand member x', '71 one exclude x'],
    ]);
    expect([order, left.filter((line) => line.endsWith('y') && !line.startsWith('80'))]).toEqual([order, []]);
  }
});

test('`run --once` follows changed keys', async () => {
  const team = await createTeam();
  try {
    for (const argv of [
      ['migrate'],
      ['install'],
      ['create', 'hand', '--kind', 'static'],
      ['run', '--once'],
      ['add', 'hand', '3'],
    ])
      expect(await team.run(...argv)).toMatchObject({ code: 0 });
    expect(await team.run('run', '--once')).toMatchObject({ code: 0, stderr: '' });
    await team.database.query(
      'alter table public.contacts alter id set generated by default; update public.contacts set id = 70 where id = 3; update public.contacts set id = 71 where id = 70',
    );
    expect(await team.run('run', '--once')).toMatchObject({ code: 0, stderr: '' });
    expect(
      await team.database.query(
        'select contact_id::text from segmentd.override union all select contact_id::text from segmentd.membership',
      ),
    ).toEqual([{ contact_id: '71' }, { contact_id: '71' }]);
    expect(await team.run('uninstall', '--purge', '--yes')).toMatchObject({ code: 0 });
    expect(await team.database.query(`select from pg_namespace n where n.nspname = 'segmentd'`)).toEqual([]);
  } finally {
    await team.end();
  }
});

test('overrides follow text keys in partitions that the change moves rows between', async () => {
  const team = await createTeam({
    tables: `create table public.contacts (id text primary key, country text) partition by range (id);
      create table public.first_half partition of public.contacts for values from (minvalue) to ('m');
      create table public.second_half partition of public.contacts for values from ('m') to (maxvalue);
      insert into public.contacts select chr(97 + i), 'ES' from generate_series(0, 9) i`,
    config: 'contacts: { table: public.contacts, key: id }\ntimezone: Europe/Madrid\n',
  });
  try {
    for (const argv of [
      ['migrate'],
      ['install'],
      ['create', 'hand', '--kind', 'static'],
      ['run', '--once'],
      ['add', 'hand', 'a'],
      ['add', 'hand', 'b'],
      ['add', 'hand', 'c'],
      ['run', '--once'],
    ])
      expect([argv, await team.run(...argv)]).toMatchObject([argv, { code: 0 }]);
    await team.database.query(
      `update public.contacts set id = 'z' || id where id in ('a', 'd', 'e'); update public.contacts set id = 'y' where id = 'b'; update public.first_half set id = 'cc' where id = 'c'`,
    );
    expect(await team.run('run', '--once')).toMatchObject({ code: 0, stderr: '' });
    const there = [{ contact_id: 'cc' }, { contact_id: 'y' }, { contact_id: 'za' }];
    expect(await team.database.query('select w.contact_id from segmentd.override w order by 1')).toEqual(there);
    expect(await team.database.query('select m.contact_id from segmentd.membership m order by 1')).toEqual(there);
  } finally {
    await team.end();
  }
});

test('overrides are exact while keys change, swap, disappear and return under two workers', async () => {
  const workers = [await startWorker(world), await startWorker(world)];
  let seed = 7;
  const next = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
  try {
    for (let round = 0; round < 250; round++) {
      const [a, b] = [next(20) + 1, next(20) + 1];
      const step = [
        `update public.contacts set id = ${a} where id = ${b} and not exists (select from public.contacts c where c.id = ${a})`,
        `update public.contacts set id = ${a + b} - id where id in (${a}, ${b}) and (select count(*) from public.contacts c where c.id in (${a}, ${b})) = 2`,
        'update public.contacts set id = case when id = 20 then 1 else id + 1 end',
        `delete from public.contacts where id = ${a}`,
        `insert into public.contacts (id, country) values (${a}, 'ES') on conflict do nothing`,
        `insert into public.contacts (id, country) select i, 'PT' from generate_series(${a}, ${a} + 2) i where i <= 20 on conflict do nothing`,
        `insert into segmentd.override (segment_id, contact_id, kind, note) select s.id, ${a}, '${b % 2 ? 'include' : 'exclude'}', '' from segmentd.segment s where s.key = 'one' on conflict (segment_id, contact_id) do update set kind = excluded.kind`,
        `insert into segmentd.override (segment_id, contact_id, kind) select s.id, ${a}, 'member' from segmentd.segment s where s.key = 'hand' on conflict do nothing`,
      ][next(8)];
      // A deferrable key cannot be a target of "on conflict".
      await sql((step ?? '').replace(/(insert into public.contacts .*?) on conflict do nothing/, `$1`)).catch(
        (error: unknown) => {
          if (!String(error).includes('duplicate key')) throw error;
        },
      );
    }
    await world.quiet();
  } finally {
    for (const worker of workers) await worker.stop();
  }
  await ended();
});

test('overrides end where their contacts are after a random history without a worker', async () => {
  let seed = 11;
  const next = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
  // Whose row it is stands in a column, so that the row itself says where its decisions belong.
  await sql('update public.contacts set age = id');
  for (const contact of [1, 2, 3, 4, 5, 6, 7, 8, 9]) await decide('hand', contact, 'member', String(contact));
  await world.settle();
  for (let round = 0; round < 30; round++) {
    for (let step = 0; step < 1 + next(6); step++) {
      const [a, b] = [next(9) + 1, next(9) + 1];
      await sql(
        [
          `update public.contacts set id = ${a} where id = ${b} and not exists (select from public.contacts c where c.id = ${a})`,
          `update public.contacts set id = ${a + b} - id where id in (${a}, ${b}) and (select count(*) from public.contacts c where c.id in (${a}, ${b})) = 2`,
          'update public.contacts set id = id % 9 + 1',
          `begin; update public.contacts set id = 10 where id = ${a}; update public.contacts set id = 11 where id = 10; update public.contacts set id = ${a} where id = 11; commit`,
        ][next(4)] ?? '',
      );
    }
    // Last, because a key that is taken before anybody looked is the same contact, and keeps what was decided of it.
    if (round >= 20) await sql(`delete from public.contacts where id = ${next(9) + 1}`);
    await ended();
    const { rows } = await sql(`select c.age::text || ' is ' || c.id as is from public.contacts c order by c.age`);
    const { rows: said } = await sql(
      `select w.note || ' is ' || w.contact_id as is from segmentd.override w order by w.note::int`,
    );
    expect(said).toEqual(rows);
  }
});
