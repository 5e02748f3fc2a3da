/** Row security is switched on under a running worker: no member leaves for being hidden, the worker reports it, and it passes. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSegmentd, type Segmentd } from '../../src/index.ts';
import { createWorld, type World } from '../cli/cli-world.ts';
import { until } from '../support/until.ts';

let world: World;
let segmentd: Segmentd;
const login = (): string => `hidden_${world.database.name}`;

beforeAll(async () => {
  world = await createWorld();
  for (const verb of ['migrate', 'install']) expect(await world.run(verb)).toMatchObject({ code: 0 });
  await world.database.query(`create role ${login()} login password 'p'; grant segmentd_worker to ${login()}`);
  const url = new URL(world.database.url);
  url.username = login();
  url.password = 'p';
  segmentd = createSegmentd({ databaseUrl: url.href, config: `${world.folder}/segmentd.yaml` });
});
afterAll(async () => {
  await segmentd.close();
  await world.database.query(`drop owned by ${login()}; drop role ${login()}`);
  await world.end();
});

const spain = { '==': [{ var: 'country' }, 'ES'] };
const buyers = { some: [{ var: 'orders' }, { '==': [{ var: 'status' }, 'paid'] }] };
const members = async (key: string): Promise<string[]> =>
  (await segmentd.members.list(key)).map((member) => member.contactId);
const row = async (key: string) =>
  (
    await world.database.query<{ state: string; error: unknown }>(
      'select state, error from segmentd.segment where key = $1',
      [key],
    )
  )[0];
const sentence = (table: string): string =>
  `Row-level security hides rows of ${table} from the role "${login()}", so a worker would treat these contacts as deleted`;

test(
  'of a relation: what reads it is invalid and says so, the rest goes on; of the contacts: everything waits',
  { timeout: 120_000 },
  async () => {
    await using worker = segmentd.worker({ auditPeriod: 1_000, exportFolder: world.folder });
    const frozen: unknown[] = [];
    const reported: string[] = [];
    worker.events.on('frozen', ({ segments }) => frozen.push(...segments));
    worker.events.on('error', ({ error }) => reported.push(error instanceof Error ? error.message : ''));
    await worker.start();
    await using owner = createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml` });
    await owner.segments.create({ key: 'spain', condition: spain });
    await owner.segments.create({ key: 'buyers', condition: buyers });
    await owner.segments.untilLive('spain');
    await owner.segments.untilLive('buyers');

    await world.database.query(`alter table public.orders enable row level security`);
    await world.database.query(
      `insert into public.orders (contact_id, status) values (2, 'paid'); update public.contacts set country = 'ES' where id = 2`,
    );
    await until(async () => (await row('buyers'))?.state === 'invalid');
    expect((await row('buyers'))?.error).toMatchObject({
      code: 'drift',
      issues: [{ code: 'withheld', message: expect.stringContaining(sentence('public.orders')) }],
    });
    await until(async () => (await members('spain')).length === 3);
    expect(await row('spain')).toEqual({ state: 'live', error: null });
    expect(await members('buyers')).toEqual(['1']);
    await owner.segments.create({ key: 'late', condition: buyers });
    await until(async () => (await row('late'))?.state === 'invalid');
    expect((await segmentd.admin.doctor()).find((one) => one.level === 'fail')).toMatchObject({
      sentence: expect.stringContaining(sentence('public.orders')),
      fix: `alter role "${login()}" bypassrls;`,
    });

    await world.database.query(`alter table public.orders disable row level security`);
    await until(async () => (await row('buyers'))?.state === 'live' && (await row('late'))?.state === 'live', {
      timeout: 15_000,
    });
    expect([await members('buyers'), await members('late')]).toEqual([
      ['1', '2'],
      ['1', '2'],
    ]);

    reported.length = 0;
    await world.database.query(`alter table public.contacts enable row level security`);
    await world.database.query(`update public.contacts set country = 'PT' where id = 3`);
    await owner.segments.create({ key: 'iberia', condition: { in: [{ var: 'country' }, ['ES', 'PT']] } });
    await until(() => reported.some((message) => message.startsWith(sentence('public.contacts'))), { timeout: 15_000 });
    expect([await row('spain'), await row('buyers')]).toEqual([
      { state: 'live', error: null },
      { state: 'live', error: null },
    ]);
    expect(await members('spain')).toEqual(['1', '2', '3']);
    expect(await segmentd.admin.doctor().catch((error: unknown) => error)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ level: 'fail', sentence: expect.stringContaining(sentence('public.contacts')) }),
      ]),
    );

    await world.database.query(`alter table public.contacts disable row level security`);
    await until(async () => (await members('spain')).length === 2, { timeout: 15_000 });
    await owner.segments.untilLive('iberia');
    await owner.admin.wait();
    expect((await owner.admin.verify()).flatMap(({ missing, extra }) => [...missing, ...extra])).toEqual([]);
    expect(frozen.filter(Boolean)).toEqual([]);
  },
);
