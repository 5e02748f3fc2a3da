/** `explain` through the API and the command line, before and after the worker has done its work. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSegmentd, type ExplainedNode, type Explanation, type Segmentd } from '../../src/index.ts';
import { createWorld, type World } from '../cli/cli-world.ts';

const SPAIN = { '==': [{ var: 'country' }, 'ES'] };
const paid = { filter: [{ var: 'orders' }, { '==': [{ var: 'status' }, 'paid'] }] };
let world: World;
let segmentd: Segmentd;

beforeAll(async () => {
  world = await createWorld();
  segmentd = createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml` });
  await segmentd.admin.migrate();
  await segmentd.admin.install();
});
afterAll(async () => {
  await segmentd.close();
  await world.end();
});

async function settle(): Promise<void> {
  await using worker = segmentd.worker();
  await worker.once();
}

async function create(key: string, condition: unknown, timezone = 'Europe/Madrid'): Promise<void> {
  await segmentd.segments.create({ key, condition, timezone });
  await settle();
}

function leaves(node: ExplainedNode | null): Extract<ExplainedNode, { kind: 'leaf' }>[] {
  if (!node) return [];
  return node.kind === 'leaf' ? [node] : node.children.flatMap(leaves);
}

const leafRows = ({ condition }: Explanation) =>
  leaves(condition).map(({ text, result, actual, threshold }) => [text, result, actual, threshold]);

test('explain shows the value, the threshold and the result of every kind of leaf', async () => {
  await create('kinds', {
    and: [
      SPAIN,
      { or: [{ '<': [{ var: 'age' }, 18] }, { '!': [{ icontains: [{ var: 'email' }, '@test.'] }] }] },
      { '!': [{ or: [{ has_any: [{ var: 'tags' }, ['vip', 'press']] }, { is_empty: [{ var: 'created_at' }] }] }] },
      { '>': [{ sum: [{ map: [paid, { var: 'total' }] }] }, '5.00'] },
      { '<': [{ avg: [{ map: [{ var: 'orders' }, { var: 'total' }] }] }, 100] },
      { some: [{ var: 'orders' }, { '==': [{ var: 'status' }, 'paid'] }] },
      { none: [{ var: 'orders' }, { '==': [{ var: 'status' }, 'refunded'] }] },
      { '==': [{ last: [{ var: 'orders' }, { var: 'status' }] }, 'paid'] },
      { in_last: [{ var: 'created_at' }, 1, 'day'] },
      { in_period: [{ var: 'created_at' }, 'year', 0] },
      { in_last: [{ var: 'created_at' }, 1, 'month'] },
      { is_past: [{ var: 'created_at' }] },
      { '!': [{ is_future: [{ var: 'created_at' }] }] },
    ],
  });
  const explanation = await segmentd.segments.explain('kinds', '1');
  const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}Z$/);
  expect(leafRows(explanation)).toEqual([
    ['Country is ES', true, 'ES', 'ES'],
    ['Age is less than 18', false, '20', 'less than 18'],
    ['Email does not contain @test. (upper or lower case) (or has no value)', true, 'a@x', 'does not contain @test.'],
    ['Tags has any of vip or press', false, null, 'any of vip or press'],
    ['Created at is empty or missing', false, instant, 'empty or missing'],
    ['the sum of Total across orders where (Status is paid) is greater than 5', true, '10.00', 'greater than 5'],
    ['the average Total across orders is less than 100', true, '10', 'less than 100'],
    ['has orders where (Status is paid)', true, '1', 'at least 1'],
    ['has no orders where (Status is refunded)', true, '0', 'none'],
    ['the last Status (by Placed at) among orders is paid', true, 'paid', 'paid'],
    ['Created at is within the last 1 day', true, instant, expect.stringMatching(/^after \d{4}\S+Z, up to \d{4}\S+Z$/)],
    ['Created at is in this year', true, instant, expect.stringMatching(/^\d{4}-01-01 to \d{4}-12-31$/)],
    [
      'Created at is within the last 1 month',
      true,
      instant,
      expect.stringMatching(/^from \d{4}-\d\d-\d\d, up to \d{4}\S+Z$/),
    ],
    ['Created at is in the past', true, instant, expect.stringMatching(/^up to \d{4}\S+Z$/)],
    [
      'Created at is not in the future (or has no value)',
      true,
      instant,
      expect.stringMatching(/^not after \d{4}\S+Z$/),
    ],
  ]);
  expect(explanation).toMatchObject({
    key: 'kinds',
    contact: '1',
    exists: true,
    computed: true,
    stored: { member: true, reason: 'edit', version: 1 },
    segment: { state: 'live', version: 1, live: true, timezone: 'Europe/Madrid' },
    pending: { changes: 0, rechecks: 0, unresolved: false, crossed: false, rebuild: false },
    condition: {
      kind: 'all',
      result: true,
      children: [
        { kind: 'leaf' },
        { kind: 'any', result: true },
        { kind: 'not', result: true },
        {},
        {},
        {},
        {},
        {},
        {},
        {},
        {},
        {},
        {},
      ],
    },
    next: { matches: false, causes: ['Created at is within the last 1 day'] },
  });
  expect(explanation.stored.since).toEqual(
    (await segmentd.members.segmentsOf('1')).find(({ key }) => key === 'kinds')?.enteredAt,
  );
  const [row] = await world.database.query<{ flip: string }>(
    `select to_char((created_at + interval '24 hours') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as flip from public.contacts where id = 1`,
  );
  expect(explanation.next.flip).toBe(row?.flip);
});

test('the values of a list are shown as people write them', async () => {
  await create('listed', { '!': [{ has_any: [{ var: 'tags' }, ['press']] }] });
  const shown: (string | null | undefined)[] = [];
  const many = Array.from({ length: 25 }, (_, n) => `t${n}`);
  for (const tags of [null, [], ['vip', 'new buyer'], ['a, b', '', null, '"x"'], many]) {
    await world.database.query('update public.contacts set tags = $1 where id = 3', [tags]);
    shown.push(leaves((await segmentd.segments.explain('listed', '3')).condition)[0]?.actual);
  }
  expect(shown).toEqual([
    null,
    'no values',
    'vip, new buyer',
    '"a, b", "", no value, "\\"x\\""',
    `${many.slice(0, 20).join(', ')} and 5 more`,
  ]);
  await world.database.query('update public.contacts set tags = null where id = 3');
});

test('explain says what waits for the worker, and afterwards why the contact moved', async () => {
  await create('spain', SPAIN);
  await world.database.query(`update public.contacts set country = 'PT' where id = 1`);
  const before = await segmentd.segments.explain('spain', '1');
  expect(before).toMatchObject({
    stored: { member: true },
    computed: false,
    pending: { changes: 1 },
    next: { flip: null, searched: null },
  });
  expect((await world.run('explain', 'spain', '1')).stdout).toMatch(/waiting: 1 change of this contact\n/);
  await settle();
  const after = await segmentd.segments.explain('spain', '1');
  expect(after).toMatchObject({
    stored: { member: false, reason: 'contact', version: 1 },
    computed: false,
    pending: { changes: 0 },
  });
  expect(after.stored.since?.localeCompare(before.at)).toBe(1);
  await world.database.query(
    `insert into segmentd_internal.recheck (shard, segment_id, contact_id, reason) select segmentd_internal.shard('1'), s.id, 1, 'repair' from segmentd.segment s where s.key = 'spain'`,
  );
  expect((await segmentd.segments.explain('spain', '1')).pending).toMatchObject({ rechecks: 1 });
  await world.database.query(`update public.contacts set country = 'ES' where id = 1`);
  await settle();
});

test('explain of a contact that does not exist, or was deleted', async () => {
  await create('all', true);
  await world.database.query('delete from public.contacts where id = 4');
  expect(await segmentd.segments.explain('all', '4')).toMatchObject({
    exists: false,
    stored: { member: true },
    computed: false,
    pending: { changes: 1 },
  });
  await settle();
  const deleted = await segmentd.segments.explain('all', '4');
  expect(deleted).toMatchObject({
    exists: false,
    stored: { member: false, reason: 'delete' },
    computed: false,
    condition: { result: null },
  });
  expect(await world.run('explain', 'all', '4')).toMatchObject({
    code: 1,
    stderr: 'There is no contact 4 in the contacts table.\n',
  });
  expect((await world.run('explain', 'all', '4')).stdout).toMatch(
    /^4 is not a member of all; it left at \S+Z, because the contact was deleted \(delete, version 1\)\.\n/,
  );
  expect(await segmentd.segments.explain('all', '12345')).toMatchObject({
    exists: false,
    stored: { member: false, since: null, reason: null },
  });
  expect((await world.run('explain', 'all', '12345')).code).toBe(1);
});

test('explain rejects unknown segments and impossible keys with a sentence', async () => {
  for (const [argv, sentence] of [
    [['explain', 'unknown', '1'], 'There is no segment "unknown".'],
    [['explain', 'all', 'x'], '"x" cannot be the key of a contact here.'],
    [['explain', 'all', '99999999999999999999999'], '"99999999999999999999999" cannot be the key of a contact here.'],
    [['explain', 'all', '1', '--days', '9999999'], 'It must be a whole number of days.'],
    [['explain', 'all', '1', '--days', '999999'], 'from 0 to 365000'],
  ] as const) {
    const { code, stdout, stderr } = await world.run(...argv);
    expect({ code, stdout }, sentence).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(sentence);
  }
});

test('explain finds the flip of a segment that reads another segment', async () => {
  await create('fresh', { in_last: [{ var: 'created_at' }, 2, 'day'] });
  await create('stale', { and: [SPAIN, { '!': [{ in_segment: ['fresh'] }] }] });
  const [fresh, stale] = [await segmentd.segments.explain('fresh', '3'), await segmentd.segments.explain('stale', '3')];
  expect(stale).toMatchObject({
    computed: false,
    next: { flip: fresh.next.flip, matches: true, causes: ['is not in the segment fresh'] },
  });
  expect(leafRows(stale)[1]).toEqual(['is not in the segment fresh', false, 'a member', 'not a member']);
  await segmentd.segments.pause('fresh');
  await settle();
  expect(await segmentd.segments.explain('stale', '3')).toMatchObject({ next: { flip: null, searched: null } });
  expect(await segmentd.segments.explain('fresh', '3')).toMatchObject({
    segment: { state: 'paused', frozen: expect.any(String) },
    stored: { member: true },
    computed: true,
  });
  expect((await world.run('explain', 'fresh', '3')).stdout).toMatch(
    /^Members are frozen since \S+Z: the segment is paused\.$/m,
  );
  await segmentd.segments.resume('fresh');
  await settle();
});

test('explain finds no flip beyond its horizon', async () => {
  expect(await segmentd.segments.explain('fresh', '3', { days: 1 })).toMatchObject({
    next: { flip: null, searched: expect.any(String) },
  });
  expect((await world.run('explain', 'fresh', '3', '--days', '1')).stdout).toMatch(
    /\nnext: time alone changes nothing up to \d{4}\S+Z\n$/,
  );
  expect((await world.run('explain', 'spain', '3')).stdout).toMatch(/\nnext: time alone changes nothing\n$/);
});

test('explain says how far it searched for a contact with very many rows', async () => {
  await create('buyers', { some: [{ var: 'orders' }, { in_last: [{ var: 'placed_at' }, 1, 'day'] }] });
  await world.database.query(
    `insert into public.orders (contact_id, placed_at) select 2, date_trunc('second', now()) - n * interval '1 second' from generate_series(1, 2400) n`,
  );
  const { computed, next } = await segmentd.segments.explain('buyers', '2');
  expect({ computed, next }).toMatchObject({ computed: true, next: { flip: null, error: null } });
  const [row] = await world.database.query<{ at: string }>(
    `select to_char((placed_at + interval '24 hours') at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at from public.orders where contact_id = 2 and placed_at > now() - interval '1 day' order by placed_at offset 2000 limit 1`,
  );
  expect(next.searched).toBe(row?.at);
  await world.database.query('delete from public.orders where contact_id = 2');
});

/** The API reads the tables anew after ten seconds: an explanation that comes later knows the new type. */
const KNOWN_MS = 9_000;

test('explain reports an error of Postgres by its SQLSTATE alone', async () => {
  let explained: Explanation;
  let took: number;
  do {
    const began = performance.now();
    await segmentd.segments.explain('kinds', '1'); // knows the tables from now on
    await world.database.query(`alter table public.contacts alter column age type text using 'secret ' || age`);
    try {
      explained = await segmentd.segments.explain('kinds', '1');
      took = performance.now() - began;
    } finally {
      await world.database.query(
        `alter table public.contacts alter column age type integer using substr(age, 8)::integer`,
      );
    }
  } while (took > KNOWN_MS);
  expect(explained).toMatchObject({ stored: { member: true }, computed: null, error: '42883', next: { flip: null } });
});

test('explain of segments that are not live, being edited, or invalid', async () => {
  await segmentd.segments.create({ key: 'young', condition: SPAIN });
  expect(await segmentd.segments.explain('young', '1')).toMatchObject({
    segment: { state: 'building', live: false, version: 1 },
    stored: { member: false },
    computed: true,
  });
  expect((await world.run('explain', 'young', '1')).stdout).toContain(
    '1 is not a member of young; young is building and has no members yet.',
  );
  await settle();
  await segmentd.segments.edit('young', { condition: { '==': [{ var: 'country' }, 'PT'] } });
  expect(await segmentd.segments.explain('young', '1')).toMatchObject({
    segment: { version: 1, live: true, description: 'Country is ES' },
    computed: true,
  });
  await settle();
  expect(await segmentd.segments.explain('young', '1')).toMatchObject({
    segment: { version: 2 },
    stored: { member: false, reason: 'edit', version: 2 },
    computed: false,
  });

  await world.database.query('alter table public.contacts add column odd text');
  await using fresh = createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml` });
  await fresh.admin.install();
  await fresh.segments.create({ key: 'odd', condition: { '==': [{ var: 'odd' }, 'x'] } });
  await settle();
  await world.database.query('alter table public.contacts drop column odd');
  const misfit = await world.run('explain', 'odd', '1');
  expect(misfit.code).toBe(0);
  expect(misfit.stdout).toMatch(/^The condition of version 1 does not fit the tables:\n .*odd/m);
});

test('explain says that stored membership has drifted from the verdict', async () => {
  await world.database.query(
    `delete from segmentd.membership m using segmentd.segment s where s.id = m.segment_id and s.key = 'spain' and m.contact_id = 3`,
  );
  expect(await segmentd.segments.explain('spain', '3')).toMatchObject({ stored: { member: false }, computed: true });
  expect((await world.run('explain', 'spain', '3')).stdout).toContain(
    'Membership differs and nothing waits: segmentd verify --repair repairs it.',
  );
});

test('explain prints its answer as JSON and as text', async () => {
  const { code, stdout } = await world.run('explain', 'kinds', '3', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    key: 'kinds',
    contact: '3',
    exists: true,
    stored: { member: false },
    computed: false,
    condition: { kind: 'all', result: false },
    next: {},
  });
  const text = await world.run('explain', 'kinds', '1');
  expect(text).toMatchObject({ code: 0, stderr: '' });
  expect(text.stdout).toMatch(
    /^1 is a member of kinds since \S+Z, because the contact changed \(contact, version 1\)\.\nIt matches the condition of version 1 as of \S+Z\.\n\nyes {2}all of\n/,
  );
  expect(text.stdout).toMatch(
    /^yes {4}none of\n no {6}Tags has any of vip or press\n {11}value: none, threshold: any of vip or press\n/m,
  );
  expect(text.stdout).toMatch(
    /\n\nnext: at \S+Z it leaves kinds by time alone:\n {2}Created at is within the last 1 day\n$/,
  );
});

test('explain says that an edge has passed and waits for its sweep', async () => {
  await world.database.query(
    `create or replace function segmentd_internal.clock() returns timestamptz language sql volatile return pg_catalog.clock_timestamp() + interval '3 days'`,
  );
  expect(await segmentd.segments.explain('fresh', '3')).toMatchObject({
    stored: { member: true },
    computed: false,
    pending: { changes: 0, crossed: true },
  });
  expect((await world.run('explain', 'fresh', '3')).stdout).toMatch(
    /^Membership follows when the worker has done what waits\.\nwaiting: a boundary of time that has passed$/m,
  );
  await settle();
  expect(await segmentd.segments.explain('fresh', '3')).toMatchObject({
    stored: { member: false, reason: 'time' },
    computed: false,
    pending: { crossed: false },
    next: { flip: null, searched: expect.any(String) },
  });
});
