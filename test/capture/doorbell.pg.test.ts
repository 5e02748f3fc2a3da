/** The doorbell rings only when a worker sleeps, and can be left out for teams that prepare transactions. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import pg from 'pg';
import { lockClass, single } from '../../src/postgres/advisory-lock.ts';
import { until } from '../support/until.ts';
import { takeChanges } from './observe.ts';
import { createCaptureWorld, KINDS, type CaptureWorld } from './capture-world.ts';

describe.each(KINDS)('%s triggers', (kind) => {
  let world: CaptureWorld;
  let worker: pg.Client;
  let heard = 0;
  beforeAll(async () => {
    world = await createCaptureWorld(
      `create table contacts (id bigint primary key, email text); insert into contacts select n, 'e' from generate_series(1, 20) n`,
      'contacts: { table: contacts }',
      'bigint',
      kind,
    );
    worker = new pg.Client({ connectionString: world.database.url });
    await worker.connect();
    worker.on('notification', () => (heard += 1));
    await worker.query('listen segmentd');
  });
  afterAll(async () => {
    await worker.end();
    await world.end();
  });

  /** How many rings a write caused: those that arrived before a marker sent after it. */
  async function rings(write: string): Promise<number> {
    heard = 0;
    await world.database.query(write);
    await world.database.query(`notify segmentd, 'marker'`);
    await until(() => heard > 0 && worker.query('select 1').then(() => true));
    return heard - 1;
  }

  test('the doorbell sends no notification while no worker sleeps', async () => {
    expect(await rings(`update contacts set email = 'a' where id = 1`)).toBe(0);
  });

  test('a sleeper is woken by one row, by many, by all; not by nothing', async () => {
    await worker.query('select pg_advisory_lock($1, $2)', [lockClass.single, single.doorbell]);
    expect(await rings(`update contacts set email = 'b' where id = 1`)).toBe(1);
    expect(await rings(`update contacts set email = 'c'`)).toBe(1);
    expect(await rings(`insert into contacts (id) values (100)`)).toBe(1);
    expect(await rings(`update contacts set email = email`)).toBe(0);
    expect(await rings(`delete from contacts where false`)).toBe(0);
    expect(await rings(`truncate contacts`)).toBe(1);
    await worker.query('select pg_advisory_unlock($1, $2)', [lockClass.single, single.doorbell]);
  });

  test('writers probing at the same time do not take each other for sleepers, and leave no lock behind', async () => {
    heard = 0;
    await Promise.all(
      Array.from({ length: 60 }, (_, n) => world.database.query('insert into contacts (id) values ($1)', [1_000 + n])),
    );
    expect(
      await world.database.query(
        `select from pg_locks where locktype = 'advisory' and classid = ${lockClass.single} and database = (select oid from pg_database where datname = current_database())`,
      ),
    ).toEqual([]);
    await worker.query('select 1');
    expect(heard).toBe(0);
  });

  test('without the doorbell a transaction can be prepared, and is captured when it commits', async () => {
    await worker.query('select pg_advisory_lock($1, $2)', [lockClass.single, single.doorbell]);
    const prepare = (name: string): Promise<unknown> =>
      world.database.query(
        `begin; update contacts set email = '${name}' where id = 1000; prepare transaction '${world.database.name}_${name}'`,
      );
    await expect(prepare('rung')).rejects.toMatchObject({ code: '0A000' });
    const { changes } = await world.install({ notify: false });
    expect(changes).toEqual(['installed capture on public.contacts (id)']);
    await takeChanges(world.pool);
    await prepare('quiet');
    expect(await takeChanges(world.pool)).toEqual([]);
    await world.database.query(`commit prepared '${world.database.name}_quiet'`);
    expect((await takeChanges(world.pool)).map((row) => row.link)).toEqual(['1000']);
    expect((await world.install()).changes, 'stays as it was installed').toEqual([]);
    expect((await world.install({ notify: true })).changes).toHaveLength(1);
    await worker.query('select pg_advisory_unlock_all()');
  });
});
