/**
 * Row security is switched, columns and tables are renamed and put back, at random moments under two workers: what was frozen
 * meanwhile comes back by itself, and membership is exact.
 */
import { afterEach, expect, test, vi } from 'vitest';
import { createSegmentd, type Segmentd, type Worker } from '../../src/index.ts';
import { createWorker } from '../../src/worker/worker.ts';
import { createWorld, type World } from '../cli/cli-world.ts';
import { random } from '../support/random.ts';
import { until } from '../support/until.ts';

vi.setConfig({ testTimeout: 240_000 });

let world: World | undefined;
let segmentd: Segmentd | undefined;
let workers: Worker[] = [];
afterEach(async () => {
  for (const worker of workers) await worker.stop();
  workers = [];
  await segmentd?.close();
  if (world) {
    await world.database.query(`drop owned by hidden_${world.database.name}; drop role hidden_${world.database.name}`);
    await world.end();
  }
  world = undefined;
});

const paid = { '==': [{ var: 'status' }, 'paid'] };
/** Eleven over one table, as many again over the other. */
const SEGMENTS: Readonly<Record<string, unknown>> = Object.fromEntries(
  Array.from({ length: 11 }, (_, n) => [
    [`payers_${n}`, { and: [{ some: [{ var: 'orders' }, paid] }, { '>=': [{ var: 'age' }, n] }] }],
    [`adults_${n}`, { '>=': [{ var: 'age' }, 15 + n] }],
  ]).flat() as [string, unknown][],
);

const PASSING: readonly (readonly [string, string])[] = [
  ['alter table public.orders enable row level security', 'alter table public.orders disable row level security'],
  [
    'alter table public.orders rename column status to standing',
    'alter table public.orders rename column standing to status',
  ],
  ['alter table public.contacts rename column age to years', 'alter table public.contacts rename column years to age'],
  ['alter table public.orders rename to sales', 'alter table public.sales rename to orders'],
  ['alter table public.contacts enable row level security', 'alter table public.contacts disable row level security'],
];

test('changes of tables that are put back leave no segment failed', async () => {
  world = await createWorld();
  for (const verb of ['migrate', 'install']) expect(await world.run(verb)).toMatchObject({ code: 0 });
  const { database } = world;
  const role = `hidden_${database.name}`;
  await database.query(`create role ${role} login password 'p'; grant segmentd_worker, segmentd_editor to ${role}`);
  await database.query(
    `insert into public.contacts (country, age) select 'ES', n % 40 from generate_series(1, 300) n; insert into public.orders (contact_id, status) select 1 + n % 300, case when n % 2 = 0 then 'paid' else 'open' end from generate_series(1, 600) n`,
  );
  const url = new URL(database.url);
  url.username = role;
  url.password = 'p';
  segmentd = createSegmentd({ databaseUrl: url.href });
  await using owner = createSegmentd({ databaseUrl: database.url });
  for (const [key, condition] of Object.entries(SEGMENTS)) await owner.segments.create({ key, condition });
  for (let n = 0; n < 2; n += 1) {
    const worker = createWorker({ databaseUrl: url.href, pollInterval: 20, queue: null, exportFolder: world.folder });
    workers.push(worker);
    await worker.start();
  }
  await owner.admin.wait({ timeout: 60_000 });

  const r = random(20_260_911);
  // Without a change that disturbed a worker, the rest would prove nothing.
  let disturbed = 0;
  for (const { events } of workers) events.on('error', () => (disturbed += 1));
  let written = 0;
  /** Returns after a random number of the writer's rounds, up to `most`: a moment of the work, not of the clock. */
  const rounds = async (most: number): Promise<void> => {
    const end = written + 1 + r.below(most);
    await until(() => written >= end, { timeout: 60_000, interval: 1, message: `the writer's round ${end}` });
  };
  const writing = new AbortController();
  const writer = (async () => {
    while (!writing.signal.aborted) {
      await database
        .query(`update public.contacts set age = (age + 1) % 40 where id % 60 = ${r.below(60)}`)
        .catch(() => {});
      await database
        .query(
          `update public.orders set status = case when status = 'paid' then 'open' else 'paid' end where id % 120 = ${r.below(120)}`,
        )
        .catch(() => {});
      written += 1;
    }
  })();
  for (let round = 0; round < 30; round += 1) {
    const [there, back] = r.pick(PASSING);
    await database.query(there);
    await rounds(round % 3 === 0 ? 150 : 6);
    await database.query(back);
    await rounds(20);
  }
  writing.abort();
  await writer;
  expect(disturbed).toBeGreaterThan(0);
  const states = () =>
    database.query<{ key: string; state: string; error: unknown }>(
      `select key, state, error from segmentd.segment where state <> 'live'`,
    );
  await until(async () => (await states()).length === 0, { timeout: 90_000, message: 'all segments live' }).catch(
    async (error: unknown) => {
      throw new Error(`${String(error)} ${JSON.stringify(await states())}`, { cause: error });
    },
  );
  await owner.admin.wait({ timeout: 60_000 });
  expect((await owner.admin.verify()).filter(({ missing, extra }) => missing.length + extra.length > 0)).toEqual([]);
});
