/**
 * Capture was off for a while, and `install` puts it back: what was written in between is made good by what install leaves
 * in the outbox. The watch of the tables, which would ask for rebuilds too, does not run here.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAuditWorld, type AuditWorld } from '../audit/audit-world.ts';
import { KINDS } from './capture-world.ts';
import { createWorker } from '../../src/worker/worker.ts';

describe.each(KINDS)('%s triggers on orders', (kind) => {
  const updateFunction = kind === 'row' ? 'capture_2_update_row' : 'capture_2_update';
  let world: AuditWorld;
  beforeAll(async () => {
    world = await createAuditWorld({
      config: `
contacts: { table: public.contacts, key: id }
relations: { orders: { table: public.orders, contact: contact_id, capture: ${kind} } }
`,
    });
  });
  afterAll(() => world?.end());

  const UNSEEN = [
    `update public.orders set status = case status when 'paid' then 'open' else 'paid' end where contact_id < 7`,
    `update public.contacts set age = 67 - age where id < 5`,
  ];
  const everything = (): Promise<unknown[]> =>
    world.database.query(
      'select s.key from segmentd_internal.change c join segmentd_internal.source s on s.id = c.source where c.contact_id is null and c.link is null order by 1',
    );

  interface Gap {
    readonly name: string;
    readonly off: readonly string[];
    readonly writes?: readonly string[];
    readonly reported: readonly string[];
  }

  const BOTH = ['public.contacts(id)', 'public.orders(contact_id)'];
  const ORDERS = ['public.orders(contact_id)'];
  const GAPS: readonly Gap[] = [
    { name: 'uninstalled', off: ['uninstall'], reported: BOTH },
    {
      name: 'disabled',
      off: ['alter table public.orders disable trigger user'],
      writes: UNSEEN.slice(0, 1),
      reported: ORDERS,
    },
    {
      name: 'dropped',
      off: ['drop trigger segmentd_2_update on public.orders'],
      writes: UNSEEN.slice(0, 1),
      reported: ORDERS,
    },
    {
      name: 'not firing in a replica',
      off: ['alter table public.orders enable trigger segmentd_2_update'],
      writes: [`begin; set local session_replication_role = replica; ${UNSEEN[0]}; commit`],
      reported: ORDERS,
    },
    {
      name: 'a partition with rows is attached',
      off: [
        'create table public.contacts_c (like public.contacts including all)',
        `insert into public.contacts_c values (2001, 'ES', 5), (2002, 'PT', 60)`,
      ],
      writes: ['alter table public.contacts attach partition public.contacts_c for values from (2000) to (3000)'],
      reported: ['public.contacts(id)'],
    },
    {
      name: 'rewritten, not looked at yet, and only a function is old',
      off: [],
      writes: [
        `alter table public.orders alter column status type text using case status when 'paid' then 'open' else 'paid' end`,
        `comment on function segmentd_internal.${updateFunction}() is 'old'`,
      ],
      reported: ORDERS,
    },
  ];

  async function open(off: readonly string[], writes: readonly string[]): Promise<void> {
    for (const text of off) await (text === 'uninstall' ? world.run('uninstall') : world.database.query(text));
    for (const text of writes) await world.database.query(text);
  }

  test.each(GAPS)('$name: install makes it good, once', async ({ off, writes = UNSEEN, reported }) => {
    expect(await world.drift()).toBe(0);
    await open(off, writes);
    await world.settle();
    expect(await world.drift(), 'differences that no trigger reported').toBeGreaterThan(0);
    expect(await world.run('install')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('installed capture on'),
    });
    expect(await everything()).toEqual(reported.map((key) => ({ key })));
    expect(await world.run('install')).toMatchObject({ code: 0, stdout: 'up to date\n' });
    expect(await everything()).toHaveLength(reported.length);
    await world.settle();
    expect(await world.drift()).toBe(0);
  });

  test.each(GAPS.slice(0, 2))('$name: so does the script of --print', async ({ off, writes = UNSEEN, reported }) => {
    await open(off, writes);
    const { stdout } = await world.run('install', '--print');
    await world.database.query(stdout);
    expect(await everything()).toEqual(reported.map((key) => ({ key })));
    await world.run('install');
    await world.settle();
    expect(await world.drift()).toBe(0);
  });

  test('the script of --print does not accept what changed unseen either', async () => {
    await open([], GAPS.at(-1)?.writes ?? []);
    const { stdout } = await world.run('install', '--print');
    await world.database.query(stdout);
    await world.run('install');
    await using segmentd = world.segmentd();
    await using worker = createWorker({ databaseUrl: world.database.url, queue: null, auditPeriod: 0 });
    await worker.start();
    await segmentd.admin.wait();
    await expect.poll(() => world.drift(), { timeout: 15_000 }).toBe(0);
  });

  test('a function that is replaced with all triggers in place leaves no gap', async () => {
    await world.database.query(`comment on function segmentd_internal.${updateFunction}() is 'old'`);
    expect(await world.run('install')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('installed capture on public.orders'),
    });
    expect(await everything()).toEqual([]);
  });

  test('nor does a column that the config excludes', async () => {
    await world.file(
      'segmentd.yaml',
      'contacts: { table: public.contacts, key: id, exclude: [country] }\nrelations: { orders: { table: public.orders, contact: contact_id } }\n',
    );
    expect(await world.run('install')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('installed capture on public.contacts'),
    });
    expect(await everything()).toEqual([]);
  });
});
