/** A preview's numbers are of one snapshot: the funnel ends in the headline, on any basis and during any writes. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { paths } from '../../src/audit/doctor-path.ts';
import { createSegmentd, type Amount, type Preview, type PreviewNode, type Segmentd } from '../../src/index.ts';
import { writtenRows, type WrittenRow } from '../../src/condition/written-row.ts';
import { exactAmount } from '../../src/preview/amount.ts';
import { inLimitedSession } from '../../src/preview/limited-session.ts';
import { mismatchableFields, mismatchQuery } from '../../src/preview/type-mismatch.ts';
import { countLeaves } from '../../src/preview/count-leaf.ts';
import { partsOf } from '../../src/preview/preview-part.ts';
import { planOf } from '../../src/preview/preview.ts';
import { readContactSample } from '../../src/preview/contact-sample.ts';
import { openPool } from '../../src/postgres/pool.ts';
import { createWorld, type World } from '../cli/cli-world.ts';
import { random, seed, type Random } from '../support/random.ts';

const TABLES = `
  create table public.contacts (id bigint primary key, country text, age integer, attributes jsonb, deleted boolean not null default false);
  create table public.orders (id bigint generated always as identity primary key, contact_id bigint not null, status text, meta jsonb);
  insert into public.contacts (id, country, age, deleted, attributes)
    select i, (array['ES', 'PT', 'FR', 'IT'])[i % 4 + 1], i % 100, i % 10 = 0,
      jsonb_build_object('plan', case when i % 3 = 0 then to_jsonb(i) else '"pro"' end, 'langs', case when i % 5 = 0 then '["es", 1]' when i % 7 = 0 then '"es"' else '["pt", null]' end::jsonb)
    from generate_series(1, 24000) i;
  create index orders_contact on public.orders (contact_id);
  insert into public.orders (contact_id, status, meta) select i % 5000 + 1, 'paid', '{"worth": "much"}' from generate_series(1, 600) i;
  analyze`;
const CONFIG = `
contacts: { table: public.contacts, key: id, where: { "==": [{ "var": "deleted" }, false] } }
fields:
  attributes.plan: { column: attributes, path: [plan], type: text }
  attributes.absent: { column: attributes, path: [absent], type: integer }
relations: { orders: { table: public.orders, contact: contact_id, fields: { meta.worth: { column: meta, path: [worth], type: number } } } }
`;

let world: World;
let segmentd: Segmentd;
beforeAll(async () => {
  console.log(`FUZZ_SEED=${seed()}`);
  world = await createWorld({ tables: TABLES, config: CONFIG });
  segmentd = createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml` });
  await segmentd.admin.migrate();
});
afterAll(async () => {
  await segmentd.close();
  await world.end();
});

const v = (name: string) => ({ var: name });

function randomCondition(r: Random, depth = 2): unknown {
  const group = (): unknown[] => Array.from({ length: 1 + r.below(3) }, () => randomCondition(r, depth - 1));
  switch (r.below(depth > 0 ? 10 : 4)) {
    case 0:
      return { '==': [v('country'), r.pick(['ES', 'PT', 'FR', 'XX'])] };
    case 1:
      return { '<': [v('age'), r.below(110)] };
    case 2:
      return { some: [v('orders'), { '==': [v('status'), 'paid'] }] };
    case 3:
      return { '==': [v('attributes.plan'), 'pro'] };
    case 4:
      return { '!': [{ or: group() }] };
    case 5:
      return { or: group() };
    case 6:
      return { if: [randomCondition(r, depth - 1), ...group()] };
    case 7:
      return { '!!': [randomCondition(r, depth - 1)] };
    default:
      return { and: group() };
  }
}

/** The last number of the funnel of each group is the group's own, and they only fall. */
function checkFunnels(node: PreviewNode): void {
  node.children.forEach(checkFunnels);
  if (node.kind !== 'all') return;
  const funnel = node.children.map(({ left }) => left);
  expect(funnel.at(-1)).toEqual(node.alone);
  const values = funnel.filter((left) => left !== null);
  expect(values).toEqual(values.toSorted((a, b) => b - a));
}

function nodesOf(node: PreviewNode): readonly PreviewNode[] {
  return [node, ...node.children.flatMap(nodesOf)];
}

function rowsOf(row: WrittenRow): readonly WrittenRow[] {
  return [row, ...row.children.flatMap(rowsOf)];
}

function checkAmount(amount: Amount): void {
  if (amount.basis === 'exact') expect([amount.low, amount.high]).toEqual([amount.value, amount.value]);
  else if (amount.basis === 'planner') expect([amount.low, amount.high]).toEqual([null, null]);
  else
    expect(Number(amount.low) <= amount.value && amount.value <= Number(amount.high), JSON.stringify(amount)).toBe(
      true,
    );
}

function check(result: Preview): void {
  expect(result.condition.alone).toEqual(result.in);
  checkFunnels(result.condition);
  const { amounts } = result;
  const parts = nodesOf(result.condition)
    .flatMap(({ amounts: { alone, left } }) => [alone, left])
    .filter((amount) => amount !== null);
  for (const amount of [amounts.in, amounts.out, amounts.contacts, ...parts]) checkAmount(amount);
  expect(result.condition.amounts.alone).toEqual(amounts.in);
  expect(result).toMatchObject({
    in: amounts.in.value,
    out: amounts.out.value,
    contacts: amounts.contacts.value,
    basis: amounts.in.basis,
  });
  expect(result.bounds).toEqual(result.basis === 'planner' ? null : { low: amounts.in.low, high: amounts.in.high });
  for (const { alone, left, amounts: own } of nodesOf(result.condition))
    expect([alone, left]).toEqual([own.alone?.value ?? null, own.left?.value ?? null]);
  if (result.basis === 'exact' && amounts.contacts.basis === 'exact')
    expect(result.in + result.out).toBe(result.contacts);
}

test(
  'the funnel of random conditions ends in the headline, with and without time, while contacts change',
  { timeout: 120_000 },
  async () => {
    const r = random(seed() + 30);
    const writer = { isOver: false };
    const writing = (async () => {
      // A contact that leaves Spain enters Portugal in the same transaction.
      for (let round = 0; !writer.isOver; round += 1) {
        await world.database.pool.query(
          `update public.contacts set country = case country when 'ES' then 'PT' else 'ES' end where country in ('ES', 'PT') and id % 97 = $1`,
          [round % 97],
        );
        await world.database.pool.query('update public.contacts set age = (age + 1) % 100 where id % 89 = $1', [
          round % 89,
        ]);
      }
    })();
    const bases = new Set<string>();
    try {
      for (let round = 0; round < 40; round += 1) {
        const result = await segmentd.segments.preview(
          { condition: randomCondition(r, 3) },
          { timeout: r.pick([1, 8, 20, 40, 5_000]), sample: r.pick([0, 3]) },
        );
        check(result);
        bases.add(result.basis);
        const iberia = await segmentd.segments.preview(
          { condition: { in: [v('country'), ['ES', 'PT']] } },
          { timeout: 30_000 },
        );
        check(iberia);
        expect(iberia).toMatchObject({
          in: 10_800,
          basis: 'exact',
          bounds: { low: 10_800, high: 10_800 },
          contacts: 21_600,
          amounts: { contacts: { basis: 'exact' } },
        });
      }
    } finally {
      writer.isOver = true;
      await writing;
    }
    expect([...bases]).toEqual(expect.arrayContaining(['exact', 'planner']));
  },
);

test('an estimated headline ends the funnel too, and no number is a guess of the planner', async () => {
  const r = random(seed() + 31);
  for (let round = 0; round < 15; round += 1) {
    const result = await segmentd.segments.preview(
      { condition: randomCondition(r, 3) },
      { mode: 'estimate', timeout: 30_000 },
    );
    expect(result.amounts.contacts).toEqual(exactAmount(21_600));
    expect(result.mismatches).toBeNull();
    expect(JSON.stringify(result)).not.toContain('planner');
    check(result);
  }
});

test('each row of random conditions is counted as the row alone is', { timeout: 60_000 }, async () => {
  const r = random(seed() + 32);
  for (let round = 0; round < 15; round += 1) {
    const condition = randomCondition(r, 3);
    const result = await segmentd.segments.preview({ condition }, { mode: 'rows', timeout: 30_000 });
    check(result);
    expect(JSON.stringify(result.condition)).not.toMatch(/"(sample|planner)"/);
    for (const row of rowsOf(writtenRows(condition))) {
      const node = nodesOf(result.condition).find(({ pointer }) => pointer === row.pointer);
      const alone = await segmentd.segments.preview({ condition: row.json }, { mode: 'exact', timeout: 30_000 });
      expect([row.pointer, node?.alone]).toEqual([row.pointer, alone.in]);
    }
  }
});

test(
  'the same contacts are looked at each time, and 95 of 100 samples bound the number',
  { timeout: 60_000 },
  async () => {
    const catalogue = await segmentd.catalogue();
    const condition = { '==': [v('country'), 'FR'] };
    const plan = planOf(catalogue, condition);
    const draft = { catalogue, plan, segmentId: () => 0 };
    const parts = partsOf(catalogue, plan, condition);
    const now = '2026-01-01T00:00:00Z';
    const pool = await segmentd.pool();
    const look = (by?: number) =>
      inLimitedSession(pool, { timeout: 30_000 }, async (session) => {
        const chosen = await readContactSample(
          session,
          draft,
          planOf(catalogue, true).condition,
          24_000,
          now,
          by === undefined ? {} : { seed: by },
        );
        if (!chosen) throw new Error('there was time');
        const counted = await countLeaves(session, draft, parts, chosen, 3, now);
        return { chosen, amount: counted?.amount(parts.root) };
      });
    expect(await look()).toEqual(await look());
    const truth = (await segmentd.segments.preview({ condition }, { mode: 'exact', timeout: 30_000 })).in;
    const amounts = [];
    for (let by = 1; by <= 60; by += 1) amounts.push((await look(by)).amount);
    expect(new Set(amounts.map((amount) => amount?.value)).size).toBeGreaterThan(30);
    expect(
      amounts.filter((amount) => Number(amount?.low) <= truth && truth <= Number(amount?.high)).length,
    ).toBeGreaterThan(50);
  },
);

test('a preview without time calls no number a count', async () => {
  const result = await segmentd.segments.preview({ condition: { '==': [v('country'), 'IT'] } }, { timeout: 0 });
  expect(result).toMatchObject({
    basis: 'planner',
    bounds: null,
    amounts: { in: { basis: 'planner', low: null, high: null }, contacts: { basis: 'planner' } },
    sample: [],
    mismatches: [],
  });
  const { stdout } = await world.run(
    'preview',
    '--condition',
    await world.file('italy.json', { '==': [v('country'), 'IT'] }),
    '--preview-timeout',
    '1ms',
  );
  expect(stdout).toMatch(
    /^nothing was counted: there was no time \(--preview-timeout\)\nPostgres' planner expects [\d,]+ of [\d,]+ contacts to be in; it may be far off\n/,
  );
  expect(stdout).toMatch(/\n\? expected by Postgres' planner, not counted\n/);
});

test('a preview counts values of another type than declared, of contacts and of related rows', async () => {
  const rule = {
    or: [
      { '==': [v('attributes.plan'), 'pro'] },
      { '==': [v('attributes.absent'), 1] },
      { some: [v('orders'), { '>': [v('meta.worth'), 1] }] },
    ],
  };
  const { mismatches } = await segmentd.segments.preview({ condition: rule }, { timeout: 30_000 });
  expect(mismatches).toEqual([
    {
      field: 'attributes.plan',
      type: 'text',
      values: {
        value: expect.toSatisfy((value: number) => Math.abs(value - 7_200) < 1_500),
        basis: 'sample',
        low: expect.any(Number),
        high: expect.any(Number),
      },
    },
    { field: 'orders.meta.worth', type: 'number', values: { value: 600, basis: 'exact', low: 600, high: 600 } },
  ]);
  expect((await segmentd.segments.preview({ condition: { '<': [v('age'), 3] } })).mismatches).toEqual([]);
  const { stdout } = await world.run('preview', '--condition', await world.file('plan.json', rule));
  expect(stdout).toMatch(
    /\nattributes\.plan: about [67],\d{3} values are not text and count as missing \(from a sample: with 95 % confidence [67],\d{3} to [78],\d{3}\)\norders\.meta\.worth: 600 values are not number and count as missing\n/,
  );
});

test('an array whose elements are of another type mismatches; a null in it does not', async () => {
  const catalogue = await segmentd.catalogue();
  const plan = catalogue.contacts.fields.get('attributes.plan');
  if (!plan) throw new Error('there is such a field');
  const langs = { ...plan, name: 'langs', path: ['langs'], array: true };
  const { statement, read } = mismatchQuery(catalogue, { fields: [langs] }, 1);
  const [row] = await world.database.query<{ found: number[] }>(statement.text, statement.bind({ now: null }));
  expect(read({ found: row?.found ?? [] })).toEqual([
    { field: 'langs', type: 'text[]', values: { value: 4_800 + 2_743, basis: 'exact', low: 7_543, high: 7_543 } },
  ]);
  expect(mismatchableFields(catalogue).map(({ fields }) => fields.length)).toEqual([2, 1]);
});

test('doctor names fields whose values have another type, and gives up in time', async () => {
  const catalogue = await segmentd.catalogue();
  const { pool } = world.database;
  expect(await paths(pool, catalogue, 30_000)).toEqual([
    {
      level: 'warn',
      sentence: expect.stringMatching(
        /^The field attributes\.plan is declared as text\. About [78],\d{3} values of it are of another type and count as missing in conditions\.$/,
      ),
    },
    {
      level: 'warn',
      sentence:
        'The field orders.meta.worth is declared as number. 600 values of it are of another type and count as missing in conditions.',
    },
  ]);
  expect(await paths(pool, catalogue, 0)).toEqual([
    {
      level: 'ok',
      sentence:
        'There was no time to look for jsonb values of another type than declared in public.contacts, public.orders.',
    },
  ]);
  await segmentd.admin.install();
  expect((await segmentd.admin.doctor()).filter(({ sentence }) => sentence.includes('another type')).length).toBe(2);
  const holder = await pool.connect();
  try {
    await holder.query('begin; lock table public.orders in access exclusive mode');
    expect(await paths(pool, catalogue, 30_000)).toEqual([
      expect.objectContaining({ sentence: expect.stringContaining('attributes.plan') }),
    ]);
  } finally {
    await holder.query('rollback');
    holder.release();
  }
});

test('the sample of a very large table chooses pages first', async () => {
  const catalogue = await segmentd.catalogue();
  const everybody = planOf(catalogue, true);
  const contacts = await inLimitedSession(await segmentd.pool(), { timeout: 30_000 }, (session) =>
    readContactSample(
      session,
      { catalogue, plan: everybody, segmentId: () => 0 },
      everybody.condition,
      6_000_000,
      '2026-01-01T00:00:00Z',
    ),
  );
  expect(contacts).toMatchObject({ sampling: { spread: 3.5 }, total: undefined });
  expect(contacts?.keys.length).toBeLessThan(24_000);
});

test('the time limit of a count ends with the count, on any pool, under load', { timeout: 120_000 }, async () => {
  for (const max of [1, 2]) {
    const pool = await openPool(world.database.url, { max, applicationName: 'limits' });
    try {
      const before = (await pool.query<{ statement_timeout: string }>('show statement_timeout')).rows[0]
        ?.statement_timeout;
      const run = (timeout: number) =>
        inLimitedSession(pool, { timeout }, async (session) => {
          for (const text of ['select count(*) from generate_series(1, 200000)', 'select 1'])
            await session.rowsInTime({ text, bind: () => [] }, {}, 0.5);
          // Longer than what a count had.
          await session.client.query('select pg_sleep(0.02)');
          return (await session.client.query<{ statement_timeout: string }>('show statement_timeout')).rows[0]
            ?.statement_timeout;
        });
      const plain = async () => (await pool.query<{ statement_timeout: string }>('select pg_sleep(0.01)')).rows.length;
      const outcomes = await Promise.all(
        Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? run((n % 10) * 2) : plain())),
      );
      expect(new Set(outcomes)).toEqual(new Set(['10s', 1]));
      expect(
        (await pool.query<{ statement_timeout: string }>('show statement_timeout')).rows[0]?.statement_timeout,
      ).toBe(before);
    } finally {
      await pool.end();
    }
  }
});

test('a cancel that comes late hits no other session', { timeout: 60_000 }, async () => {
  const pool = await openPool(world.database.url, { max: 2, applicationName: 'cancels' });
  try {
    const outcomes = await Promise.all(
      Array.from({ length: 60 }, async (_, n) => {
        if (n % 2 === 1) return (await pool.query<{ n: number }>('select 1 as n from pg_sleep(0.005)')).rows[0]?.n;
        const controller = new AbortController();
        const running = inLimitedSession(pool, { timeout: 5_000, signal: controller.signal }, async (session) => {
          setImmediate(() => controller.abort());
          await session.rowsInTime({ text: 'select pg_sleep(0.002)', bind: () => [] }, {});
          return 2;
        });
        return running.catch((error: unknown) => (error instanceof Error && error.name === 'AbortError' ? 2 : error));
      }),
    );
    expect(new Set(outcomes)).toEqual(new Set([1, 2]));
  } finally {
    await pool.end();
  }
});
