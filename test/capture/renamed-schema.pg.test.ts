/** A schema of ours is renamed: the team's writes go on, and nothing of them is lost once it has its name again. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { doctor } from '../../src/audit/doctor.ts';
import { pendingMigrations } from '../../src/postgres/migrate.ts';
import { KINDS } from './capture-world.ts';
import { installedCapture } from '../support/world-schema.ts';
import { bought, payer, spanish, twicePaid } from '../support/world-meaning.ts';
import { createWorld, type World } from '../support/world.ts';

const DATA = `
  insert into public.contacts select i, 'FR', i, false, now() from generate_series(1, 50) i;
  insert into public.orders select i, i, 'open', 1, now() from generate_series(1, 50) i;
  insert into public.order_items select i, i, 'B', now() from generate_series(1, 50) i`;
/** Each operation on each kind of source, one row, several rows and none. */
const WRITES = [
  `update public.contacts set country = 'ES' where id = 1`,
  `update public.contacts set country = 'ES' where id between 2 and 9`,
  `update public.contacts set country = 'ES' where false`,
  `insert into public.contacts values (101, 'ES', 1, false, now()), (102, 'ES', 1, false, now())`,
  `insert into public.contacts values (103, 'ES', 1, false, now())`,
  `delete from public.contacts where id in (30, 31)`,
  `update public.contacts set id = 200 where id = 40`,
  `update public.orders set status = 'paid' where id = 5`,
  `update public.orders set status = 'paid', contact_id = contact_id + 1 where id between 10 and 15`,
  `insert into public.orders values (300, 7, 'paid', 1, now())`,
  `delete from public.orders where id = 20`,
  `update public.order_items set sku = 'A' where id = 3`,
  `update public.order_items set sku = 'A' where id between 11 and 14`,
  `insert into public.order_items values (400, 8, 'A', now())`,
  `delete from public.order_items where id = 12`,
];

describe.each(KINDS)('%s triggers', (kind) => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld({ capture: ({ pool }, catalogue) => installedCapture(pool, catalogue, kind) });
  });
  afterAll(() => world.end());

  async function session<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client({ connectionString: world.url });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  test.each([
    { schema: 'segmentd_internal', truncates: false },
    { schema: 'segmentd_internal', truncates: true },
    { schema: 'segmentd', truncates: false },
  ])(
    'every write passes while $schema has another name, in sessions old and new (truncate: $truncates)',
    async ({ schema, truncates }) => {
      await world.begin(DATA, { spanish, payer, twicePaid, bought });
      const half = Math.ceil(WRITES.length / 2);
      await session(async (old) => {
        // The functions are compiled and their plans kept before the name changes.
        for (const table of ['contacts', 'orders', 'order_items']) {
          await old.query(`update public.${table} set id = id where id in (1, 2)`);
          await old.query(`update public.${table} set id = id where id = 1`);
          await old.query(`insert into public.${table} (id) values (1000)`);
          await old.query(`delete from public.${table} where id = 1000`);
        }
        await world.settle();
        await world.pool.query(`alter schema ${schema} rename to elsewhere`);
        try {
          for (const write of WRITES.slice(0, half)) await old.query(write);
          await session(async (fresh) => {
            for (const write of WRITES.slice(half)) await fresh.query(write);
            if (truncates) await fresh.query('truncate public.order_items');
          });
          for (const write of WRITES.filter((one) => one.startsWith('update public.order'))) await old.query(write);
          await expect(pendingMigrations(world.pool)).rejects.toThrow(
            `alter schema "elsewhere" rename to "${schema}";`,
          );
          const findings = await doctor(world.pool, world.catalogue);
          expect(findings.filter((finding) => finding.level === 'fail').map((finding) => finding.sentence)).toEqual([
            expect.stringContaining(`The schema "${schema}" was renamed to "elsewhere"`),
          ]);
        } finally {
          await world.pool.query(`alter schema elsewhere rename to ${schema}`);
        }
        await old.query(`update public.contacts set country = 'ES' where id = 25`);
      });
      await world.settle();
      await world.exact();
      expect(await world.members('spanish')).toEqual(
        expect.arrayContaining(['1', '2', '9', '25', '101', '102', '103']),
      );
    },
  );

  test('a write passes when the outbox was dropped, and a warning says that it was not captured', async () => {
    await world.begin(DATA, { spanish });
    await session(async (client) => {
      const warnings: string[] = [];
      client.on('notice', (notice) => warnings.push(notice.message ?? ''));
      await client.query(
        'alter schema segmentd_internal rename to elsewhere; alter table elsewhere.change rename to moved',
      );
      try {
        await client.query(`update public.contacts set country = 'ES' where id = 1`);
        await client.query('truncate public.order_items');
      } finally {
        await client.query(
          'alter table elsewhere.moved rename to change; alter schema elsewhere rename to segmentd_internal',
        );
      }
      expect(warnings).toEqual([
        expect.stringContaining('could not capture a change of public.contacts'),
        expect.stringContaining('could not capture a change of public.order_items'),
      ]);
    });
  });
});
