/**
 * What triggers cannot see, the rolling audit finds and repairs: each way of changing the team's rows behind their back.
 * The watch of the tables, which would ask for rebuilds, does not run here.
 */
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { from as copyFrom } from 'pg-copy-streams';
import { createAuditWorld, type AuditWorld } from './audit-world.ts';

let world: AuditWorld;
beforeAll(async () => {
  world = await createAuditWorld();
});
afterAll(() => world?.end());

interface Unseen {
  readonly name: string;
  readonly change: readonly string[];
  /** Puts capture back in place, unseen too. */
  readonly after?: readonly string[];
  /** Why the audit's repairs say that contacts left; `repair` unless the contacts are deleted. */
  readonly reason?: 'delete';
}

const ALWAYS = `do $$ declare t record; begin
  for t in select g.tgrelid::regclass as name, g.tgname from pg_trigger g join pg_class c on c.oid = g.tgrelid where not g.tgisinternal and c.relnamespace = 'public'::regnamespace
  loop execute format('alter table only %s enable always trigger %I', t.name, t.tgname); end loop; end $$`;

const UNSEEN: readonly Unseen[] = [
  {
    name: 'ATTACH PARTITION',
    change: [
      'create table public.contacts_c (like public.contacts including all)',
      `insert into public.contacts_c values (2001, 'ES', 5), (2002, 'PT', 60), (2003, null, null)`,
      'alter table public.contacts attach partition public.contacts_c for values from (2000) to (3000)',
    ],
  },
  {
    name: 'DETACH PARTITION',
    change: ['alter table public.contacts detach partition public.contacts_b'],
    reason: 'delete',
  },
  {
    name: 'ALTER COLUMN TYPE USING, same type',
    change: [
      'alter table public.contacts alter column country type text using upper(country)',
      `alter table public.contacts alter column country type text using case country when 'FR' then 'ES' else country end`,
    ],
  },
  {
    name: 'disabled triggers of the contacts',
    change: [
      'alter table public.contacts disable trigger user',
      `update public.contacts set country = 'ES' where id < 5`,
      `delete from public.contacts where id = 6`,
    ],
    after: [ALWAYS],
  },
  {
    name: 'disabled triggers of related rows',
    change: [
      'alter table public.orders disable trigger all',
      `update public.orders set status = 'paid' where contact_id in (1, 3)`,
      'delete from public.orders where contact_id = 2',
      `insert into public.orders (contact_id, status) values (5, 'paid')`,
    ],
    after: [ALWAYS],
  },
  {
    name: 'a trigger that does not fire in a replica',
    change: [
      `do $$ declare t record; begin for t in select tgname from pg_trigger where tgrelid = 'public.orders'::regclass and not tgisinternal loop execute format('alter table public.orders enable trigger %I', t.tgname); end loop; end $$`,
      `begin; set local session_replication_role = replica; update public.orders set status = 'open' where contact_id in (4, 8); commit`,
    ],
    after: [ALWAYS],
  },
];

test.each(UNSEEN)(
  'the audit repairs what no trigger sees: $name',
  async ({ change, after = [], reason = 'repair' }) => {
    const { database } = world;
    expect(await world.drift()).toBe(0);
    const [before] = await database.query<{ id: string; differences: string }>(
      'select coalesce(max(e.id), 0)::text as id, (select coalesce(max(differences), 0)::text from segmentd_internal.audit) as differences from segmentd.membership_event e',
    );
    for (const statement of [...change, ...after]) await database.query(statement);
    await world.settle();
    const unseen = await world.drift();
    expect(unseen, 'differences that no trigger reported').toBeGreaterThan(0);

    const found = await world.pass();
    expect(found.differences).toBe(unseen);
    await world.settle();
    expect(await world.drift()).toBe(0);
    expect(await world.pass()).toMatchObject({ differences: 0 });
    const events = await database.query<{ reason: string }>(
      'select distinct e.reason from segmentd.membership_event e where e.id > $1',
      [before?.id],
    );
    expect(events.map((event) => event.reason)).toContain(reason);
    expect(events.every((event) => event.reason === 'repair' || event.reason === 'delete')).toBe(true);
    const [counted] = await database.query<{ differences: string }>(
      'select differences::text from segmentd_internal.audit',
    );
    expect(Number(counted?.differences) - Number(before?.differences)).toBe(unseen);
  },
);

test('a restored table: emptied and copied back with its triggers disabled', async () => {
  const { database } = world;
  const client = await database.pool.connect();
  try {
    await client.query('begin; alter table public.orders disable trigger all; truncate public.orders');
    const stream = client.query(copyFrom('copy public.orders (contact_id, status) from stdin'));
    stream.end('1\tpaid\n7\tpaid\n9\topen\n');
    await once(stream, 'finish');
    await client.query(`${ALWAYS}; commit`);
  } finally {
    client.release();
  }
  await world.settle();
  const unseen = await world.drift();
  expect(unseen).toBeGreaterThan(0);
  expect(await world.pass()).toMatchObject({ differences: unseen });
  await world.settle();
  expect(await world.drift()).toBe(0);
  const members = await database.query(
    `select m.contact_id::int as id from segmentd.member m where m.segment_key = 'payers' order by 1`,
  );
  expect(members).toEqual([{ id: 1 }, { id: 7 }]);
});

test('in a replica the triggers fire as they are installed: nothing is left to repair', async () => {
  await world.database.query(
    `begin; set local session_replication_role = replica; update public.orders set status = 'open'; update public.contacts set country = 'ES' where id = 8; commit`,
  );
  await world.settle();
  expect(await world.drift()).toBe(0);
  expect(await world.pass()).toMatchObject({ differences: 0 });
});
