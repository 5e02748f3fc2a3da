/** The rolling audit beside everything else: lag is not drift, one worker at a time, a pass survives its worker. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditStep } from '../../src/audit/rolling.ts';
import { createSegmentd } from '../../src/index.ts';
import { lockClass, single } from '../../src/postgres/advisory-lock.ts';
import { Registry } from '../../src/followed/registry.ts';
import { createWorker } from '../../src/worker/worker.ts';
import { until } from '../support/until.ts';
import { createAuditWorld, type AuditWorld } from './audit-world.ts';

const TABLES = `
  create table public.contacts (id bigint primary key, country text, age integer, seen_at timestamptz);
  insert into public.contacts select n, case when n % 2 = 0 then 'ES' else 'PT' end, n % 50, now() from generate_series(1, 250) n`;
const CONFIG = 'contacts: { table: public.contacts, key: id }';
const SEGMENTS = { spain: { '==': [{ var: 'country' }, 'ES'] }, adults: { '>=': [{ var: 'age' }, 18] } };

let world: AuditWorld;
beforeAll(async () => {
  world = await createAuditWorld({ tables: TABLES, config: CONFIG, segments: SEGMENTS });
});
afterAll(() => world?.end());

const forget = (filter: string) =>
  world.database.query(
    `delete from segmentd.membership m using segmentd.segment s where s.id = m.segment_id and ${filter}`,
  );
const aborted = AbortSignal.abort();
const state = async () =>
  (
    await world.database.query<{
      position: string | null;
      checked: number;
      total: number | null;
      finished: boolean;
      wait: number;
    }>(
      `select position::text, checked::int, total::int, finished_at is not null as finished, extract(epoch from next_at - clock_timestamp())::float8 as wait from segmentd_internal.audit`,
    )
  )[0];

test('a pass goes on where another worker left it, range by range', async () => {
  await world.step();
  await world.database.query(
    'update segmentd_internal.audit set chunk = 100, position = null, checked = 0, started_at = null, finished_at = null, total = null',
  );
  expect(await world.step()).toMatchObject({ contacts: 100, differences: 0, finished: false });
  expect(await state()).toMatchObject({ position: '100', checked: 100, total: null, finished: false });
  await world.database.query('update segmentd_internal.audit set chunk = 100');
  expect(await world.step()).toMatchObject({ contacts: 100, finished: false });
  await world.database.query('update segmentd_internal.audit set chunk = 100');
  expect(await world.step()).toMatchObject({ contacts: 50, finished: true });
  expect(await state()).toMatchObject({ position: null, checked: 0, total: 250, finished: true });
  // What was left of the period is waited for, from the beginning of the pass on.
  const rest = (await state())?.wait ?? 0;
  expect(rest).toBeGreaterThan(0);
  expect(rest).toBeLessThanOrEqual(60);
});

test('the rolling audit compares members beyond the last contact', async () => {
  await world.database.query(
    `insert into segmentd.membership (segment_id, contact_id, entered_at) select s.id, 999999, now() from segmentd.segment s where s.key = 'spain'`,
  );
  expect(await world.pass()).toMatchObject({ differences: 1 });
  await world.settle();
  expect(await world.drift()).toBe(0);
});

test('the rolling audit does not take lag for drift', async () => {
  await world.database.query(`update public.contacts set country = 'PT' where id in (2, 4, 6)`);
  expect(await world.pass({ signal: aborted })).toMatchObject({ differences: 0 });
  // Drift of a contact beside it is found all the same.
  await forget(`s.key = 'spain' and m.contact_id = 8`);
  expect(await world.pass({ signal: aborted })).toMatchObject({ differences: 1 });
  await world.settle();
  expect(await world.drift()).toBe(0);
  expect(
    await world.database.query(
      `select e.reason, count(*)::int as events from segmentd.membership_event e where e.contact_id in (2, 4, 6, 8) and e.reason <> 'edit' group by 1 order by 1`,
    ),
  ).toEqual([
    { reason: 'contact', events: 3 },
    { reason: 'repair', events: 1 },
  ]);
});

test('the rolling audit does not take an edge that is not swept yet for drift', async () => {
  await using segmentd = createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml` });
  await segmentd.segments.create({ key: 'recent', condition: { in_last: [{ var: 'seen_at' }, 1, 'day'] } });
  await world.settle();
  await world.database.query(
    `create or replace function segmentd_internal.clock() returns timestamptz language sql volatile return pg_catalog.clock_timestamp() + interval '2 days'`,
  );
  expect(await world.pass({ signal: aborted })).toMatchObject({ differences: 0 });
  await world.settle();
  expect(await world.pass()).toMatchObject({ differences: 0 });
  expect((await segmentd.admin.status('recent'))[0]).toMatchObject({ members: 0 });
  await segmentd.segments.delete('recent');
  await world.settle();
});

test('the rolling audit does not take a version that went live meanwhile for drift', async () => {
  await using segmentd = createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml` });
  const catalogue = await segmentd.catalogue();
  const client = await world.database.pool.connect();
  try {
    await client.query(`update segmentd_internal.audit set next_at = '-infinity'`);
    const registry = new Registry(catalogue);
    const before = await registry.current(client);
    await segmentd.segments.edit('adults', { condition: { '>=': [{ var: 'age' }, 30] } });
    await world.settle();
    // A registry that has not heard of the flip, as one may be between two statements.
    registry.current = async () => before;
    const { done } = await auditStep(client, registry, { period: 60_000, signal: aborted });
    expect(done).toMatchObject({ differences: 0 });
  } finally {
    client.release();
  }
  expect(await world.pass()).toMatchObject({ differences: 0 });
});

test('one worker at a time does a step of the rolling audit', async () => {
  const client = await world.database.pool.connect();
  try {
    await client.query('select pg_advisory_lock($1, $2)', [lockClass.single, single.audit]);
    expect(await world.step()).toBeUndefined();
    await client.query('select pg_advisory_unlock($1, $2)', [lockClass.single, single.audit]);
    expect(await world.step()).toBeDefined();
  } finally {
    client.release();
  }
});

test('the rolling audit leaves very many differences to a rebuild', async () => {
  await world.database.query(`insert into public.contacts select n, 'ES', 10, null from generate_series(1000, 4000) n`);
  await world.settle();
  await forget(`s.key = 'spain'`);
  await world.database.query('update segmentd_internal.audit set chunk = 50000');
  await forget(`s.key = 'adults' and m.contact_id = 40`);
  expect(await world.step()).toMatchObject({ differences: 2_000, finished: false, contacts: 0 });
  expect(
    await world.database.query(
      `select s.key, q.reason from segmentd_internal.rebuild_request q join segmentd.segment s on s.id = q.segment_id`,
    ),
  ).toEqual([{ key: 'spain', reason: 'repair' }]);
  await world.settle();
  await world.pass();
  await world.settle();
  expect(await world.drift()).toBe(0);
});

test('a condition that cannot be evaluated does not keep the others from being compared', async () => {
  await using segmentd = createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml` });
  const catalogue = await segmentd.catalogue();
  await world.database.query('alter table public.contacts alter column age type text');
  await forget(`s.key = 'spain' and m.contact_id = 10`);
  const client = await world.database.pool.connect();
  const errors: unknown[] = [];
  try {
    await client.query(`update segmentd_internal.audit set next_at = '-infinity', chunk = 50000`);
    const { done } = await auditStep(client, new Registry(catalogue), {
      period: 60_000,
      onError: (error) => errors.push(error),
    });
    expect(done).toMatchObject({ differences: 1, finished: true });
  } finally {
    client.release();
  }
  expect(errors).toMatchObject([{ code: '42883' }]);
  await world.database.query('alter table public.contacts alter column age type integer using age::integer');
  await world.settle();
});

test('a step that is too expensive is retried later with fewer contacts', async () => {
  await using segmentd = createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml` });
  const catalogue = await segmentd.catalogue();
  const client = await world.database.pool.connect();
  const errors: unknown[] = [];
  try {
    await client.query(
      `update segmentd_internal.audit set next_at = '-infinity', chunk = 4000, position = 7, checked = 7`,
    );
    const query = client.query.bind(client);
    // The comparison itself is cancelled, as by its timeout.
    const slow = Object.assign(Object.create(client) as typeof client, {
      query: (...args: Parameters<typeof query>) =>
        JSON.stringify(args[0]).includes('full join')
          ? query('select pg_cancel_backend(pg_backend_pid()), pg_sleep(10)')
          : query(...args),
    });
    const { done, wait } = await auditStep(slow, new Registry(catalogue), {
      period: 60_000,
      onError: (error) => errors.push(error),
    });
    expect(done).toBeUndefined();
    expect(wait).toBeGreaterThanOrEqual(5_000 * 50);
  } finally {
    client.release();
  }
  expect(errors).toMatchObject([{ code: '57014' }]);
  expect(await world.database.query('select position::text, checked::int, chunk from segmentd_internal.audit')).toEqual(
    [{ position: '7', checked: 7, chunk: 1_000 }],
  );
});

test('a worker audits in the background, counts differences, and status shows them', async () => {
  await using segmentd = createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml` });
  await world.database.query('delete from segmentd_internal.audit');
  expect((await world.run('status')).stdout).toContain('\naudit: not begun\n');
  expect(await segmentd.admin.auditStatus()).toBeNull();
  await forget(`s.key = 'spain' and m.contact_id in (12, 14)`);
  await using worker = createWorker({ databaseUrl: world.database.url, auditPeriod: 1, queue: null });
  let found = 0;
  worker.events.on('audited', ({ differences }) => {
    found += differences;
  });
  await worker.start();
  await until(
    async () =>
      (
        await world.database.query(
          `select from segmentd.member m where m.segment_key = 'spain' and m.contact_id in (12, 14)`,
        )
      ).length === 2,
  );
  expect(found).toBe(2);
  const status = await until(async () => {
    const seen = await segmentd.admin.auditStatus();
    return seen?.finishedAt ? seen : undefined;
  });
  expect(status).toMatchObject({ differences: 2, differedAt: expect.any(String), total: expect.any(Number) });
  await worker.stop();
  expect((await world.run('status')).stdout).toMatch(
    /\naudit: [\d,]+ contacts compared up to \S+Z.*; 2 differences repaired, the last found at \S+Z\n/,
  );
  expect(JSON.parse((await world.run('status', '--json')).stdout)).toMatchObject({
    audit: { differences: 2, started_at: null },
  });
});

test('a worker with the audit switched off does no step', async () => {
  await using segmentd = createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml` });
  await world.database.query('delete from segmentd_internal.audit');
  await using worker = createWorker({ databaseUrl: world.database.url, auditPeriod: 0, queue: null });
  await worker.start();
  await new Promise((idle) => worker.events.once('idle', idle));
  await worker.stop();
  expect(await segmentd.admin.auditStatus()).toBeNull();
  expect((await world.run('run', '--once', '--audit-period', '0')).code).toBe(0);
  expect(await world.run('run', '--once', '--audit-period', 'never')).toMatchObject({ code: 2 });
});

test.each([
  ['uuid', `gen_random_uuid()`],
  ['text', `'Zoë ' || n`],
])('keys of type %s', async (type, key) => {
  const other = await createAuditWorld({
    tables: `create table public.contacts (id ${type} primary key, country text); insert into public.contacts select ${key}, 'ES' from generate_series(1, 230) n`,
    config: CONFIG,
    segments: { spain: SEGMENTS.spain },
  });
  try {
    await other.database.query(
      `delete from segmentd.membership m where m.contact_id = (select max(c.id::text)::${type} from public.contacts c)`,
    );
    await other.step();
    await other.database.query(
      'update segmentd_internal.audit set chunk = 100, position = null, differences = 0; delete from segmentd_internal.recheck',
    );
    const first = await other.step();
    expect(first).toMatchObject({ contacts: 100, finished: false });
    expect((first?.differences ?? 0) + (await other.pass()).differences).toBe(1);
    await other.settle();
    expect(await other.drift()).toBe(0);
  } finally {
    await other.end();
  }
});
