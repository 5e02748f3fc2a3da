/** Members, events, moments and contacts over HTTP: columns, masks, search, filters, pages, the past, and who may reveal. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpWorld, type HttpWorld } from './http-world.ts';

let http: HttpWorld;
let before: string;
beforeAll(async () => {
  http = await createHttpWorld();
  const { pool } = http.world.database;
  await pool.query(`insert into public.contacts (email, country, age)
    select 'person' || n || '@example.com', case when n % 2 = 0 then 'ES' else 'PT' end, n from generate_series(5, 204) n`);
  await pool.query(
    `insert into public.contacts (email, country) values ('<img src=x onerror=alert(1)>@x', 'ES'), ('שלום🎉@x', 'ES')`,
  );
  const create = (body: unknown) => http.ask('POST', '/segments', { body });
  await create({ key: 'spain', condition: { '==': [{ var: 'country' }, 'ES'] } });
  await create({ key: 'old', condition: { '>': [{ var: 'age' }, 150] } });
  await http.world.ok('run', '--once');
  before = (await pool.query<{ at: string }>('select clock_timestamp()::text as at')).rows[0]?.at ?? '';
  // Contact 2 enters, contact 1 leaves, contact 3 leaves and comes back.
  await pool.query(`update public.contacts set country = 'ES' where id = 2`);
  await pool.query(`update public.contacts set country = 'FR' where id in (1, 3)`);
  await http.world.ok('run', '--once');
  await pool.query(`update public.contacts set country = 'ES' where id = 3`);
  await http.world.ok('run', '--once');
});
afterAll(() => http.end());

interface Item {
  readonly contact_id: string;
  readonly entered_at: string | null;
  readonly left_at: string | null;
  readonly reason: string | null;
  readonly values: Readonly<Record<string, string | null>>;
}
interface Page {
  readonly items: readonly Item[];
  readonly next: string | null;
}

const read = async <T = Page>(path: string, role: 'viewer' | 'editor' | 'admin' = 'viewer'): Promise<T> => {
  const { status, body } = await http.ask('GET', path, { role });
  expect({ status, body }).toMatchObject({ status: 200 });
  return body as T;
};
const ids = async (path: string) => (await read(path)).items.map((item) => item.contact_id);

/** All pages of a list. */
async function all(path: string, limit: number): Promise<readonly Item[]> {
  const items: Item[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const more: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const page: Page = await read(`${path}${path.includes('?') ? '&' : '?'}limit=${limit}${more}`);
    items.push(...page.items);
    cursor = page.next;
  }
  return items;
}

const members = async (key: string) =>
  (
    await http.world.database.query<{ id: string }>(
      'select m.contact_id::text as id from segmentd.member m where m.segment_key = $1 order by m.contact_id',
      [key],
    )
  ).map(({ id }) => id);

describe('members', () => {
  test('pages hold each member once, with why it entered', async () => {
    const items = await all('/segments/spain/members', 7);
    expect(items.map(({ contact_id }) => contact_id)).toEqual(await members('spain'));
    expect(items.find(({ contact_id }) => contact_id === '2')).toMatchObject({
      reason: 'contact',
      version: 1,
      left_at: null,
    });
    expect(items.find(({ contact_id }) => contact_id === '6')).toMatchObject({ reason: 'edit' });
  });

  test('personal columns are masked; an editor may reveal them, a viewer may not', async () => {
    const [first] = (await read('/segments/spain/members?columns=email,country,orders.count&from=6&limit=1')).items;
    expect(first).toMatchObject({
      contact_id: '6',
      values: { email: expect.stringMatching(/^pe•••@example\.com$/), country: 'ES', 'orders.count': '0' },
    });
    expect(
      (await read('/segments/spain/members?columns=email&from=6&limit=1&reveal=true', 'editor')).items[0],
    ).toMatchObject({
      values: { email: 'person6@example.com' },
    });
    expect(await read('/audit?segment=spain', 'admin')).toMatchObject({
      items: expect.arrayContaining([
        expect.objectContaining({ action: 'reveal', actor: 'editor@example.com', segment: 'spain' }),
      ]),
    });
    expect(await http.ask('GET', '/segments/spain/members?reveal=true', { role: 'viewer' })).toMatchObject({
      status: 403,
      body: { code: 'role' },
    });
    expect((await read('/segments/spain/members?from=6&limit=1')).items[0]?.values).toMatchObject({
      email: expect.stringContaining('•••'),
    });
  });

  test('a personal column matches as a whole, revealed also a part of it', async () => {
    expect(await ids('/segments/spain/members?find=PERSON6@example.com')).toEqual(['6']);
    expect(await ids('/segments/spain/members?find=person6')).toEqual([]);
    const revealed = await read('/segments/spain/members?find=person6&reveal=true', 'editor');
    expect(revealed.items.map(({ contact_id }) => contact_id)).toEqual(['6', '60', '62', '64', '66', '68']);
    expect(await ids('/segments/spain/members?find=6')).toEqual(['6']);
    expect(await ids('/segments/spain/members?find=5')).toEqual([]);
    // A key finds this contact alone; a part of a text that is no key finds whatever holds it.
    const ofText = async (find: string) =>
      (await read(`/segments/spain/members?reveal=true&find=${find}`, 'editor')).items.map((item) => item.contact_id);
    expect(await ofText('6')).toEqual(['6']);
    expect(await ofText('6@')).toContain('66');
    const odd = await read(`/segments/spain/members?reveal=true&find=${encodeURIComponent('<img src=x')}`, 'editor');
    expect(odd.items[0]?.values).toMatchObject({ email: '<img src=x onerror=alert(1)>@x' });
    expect(
      (await read(`/segments/spain/members?reveal=true&find=${encodeURIComponent('🎉')}`, 'editor')).items,
    ).toHaveLength(1);
  });

  test('by reason, and beside another segment', async () => {
    expect(await ids('/segments/spain/members?reason=contact')).toEqual(['2', '3']);
    expect(await ids('/segments/spain/members?reason=time')).toEqual([]);
    const old = await members('old');
    const spain = await members('spain');
    const both = await all('/segments/spain/members?also_in=old', 6);
    expect(both.map(({ contact_id }) => contact_id)).toEqual(spain.filter((id) => old.includes(id)));
    const only = await all('/segments/spain/members?not_in=old', 6);
    expect(only.map(({ contact_id }) => contact_id)).toEqual(spain.filter((id) => !old.includes(id)));
    expect(only.length).toBeGreaterThan(10);
  });

  test.each([
    ['?as_of=2020-01-01&reason=time', 400, 'usage'],
    ['?change=new', 400, 'usage'],
    ['?columns=contry', 400, 'usage'],
    ['?also_in=none', 404, 'not-found'],
    ['?as_of=soon', 400, 'usage'],
    ['?as_of=2999-01-01', 400, 'usage'],
    ['?find=%00', 400, 'usage'],
    ['?from=x', 400, 'usage'],
    ['?reveal=yes', 400, 'wrong-input'],
  ])('%s is refused', async (query, status, code) => {
    expect(await http.ask('GET', `/segments/spain/members${query}`)).toMatchObject({ status, body: { code } });
  });
});

describe('the past', () => {
  const at = () => encodeURIComponent(before);

  test('who was in, who is new and who has left', async () => {
    const then = await all(`/segments/spain/members?as_of=${at()}`, 9);
    const now = await members('spain');
    const wanted = [...now.filter((id) => id !== '2'), '1'].toSorted((a, b) => Number(a) - Number(b));
    expect(then.map(({ contact_id }) => contact_id)).toEqual(wanted);
    expect(then.find(({ contact_id }) => contact_id === '1')).toMatchObject({
      reason: 'edit',
      left_at: expect.any(String),
    });
    expect(then.find(({ contact_id }) => contact_id === '3')).toMatchObject({
      reason: 'edit',
      left_at: expect.any(String),
    });
    expect(then.find(({ contact_id }) => contact_id === '6')).toMatchObject({ reason: 'edit', left_at: null });
    expect(await ids(`/segments/spain/members?as_of=${at()}&change=new`)).toEqual(['2']);
    expect(await ids(`/segments/spain/members?as_of=${at()}&change=left`)).toEqual(['1']);
    expect(await ids(`/segments/spain/members?as_of=${at()}&find=1`)).toEqual(['1']);
    expect(await ids(`/segments/spain/members?as_of=${at()}&find=2`)).toEqual([]);
  });

  test('the numbers agree with the lists', async () => {
    const moment = await read(`/segments/spain/moments?at=${at()}`);
    const then = await all(`/segments/spain/members?as_of=${at()}`, 500);
    expect(moment).toMatchObject({ members: then.length, new_since: 1, left_since: 1, basis: 'exact' });
    expect(await read('/segments/spain/moments?at=2020-01-01')).toMatchObject({ members: 0, left_since: 0 });
    expect(await http.ask('GET', '/segments/spain/moments?at=soon')).toMatchObject({ status: 400 });
  });
});

describe('events', () => {
  interface Event {
    readonly id: string;
    readonly contact_id: string;
    readonly change: string;
    readonly at: string;
  }

  test('are listed once, the newest first', async () => {
    const items = (await all('/segments/spain/events', 11)) as unknown as readonly Event[];
    const [{ count } = { count: 0 }] = await http.world.database.query<{ count: number }>(
      `select count(*)::int as count from segmentd.member_event where segment_key = 'spain'`,
    );
    expect(new Set(items.map(({ id }) => id)).size).toBe(count);
    expect(items.map(({ at }) => at)).toEqual(
      items
        .map(({ at }) => at)
        .toSorted()
        .toReversed(),
    );
    expect(items[0]).toMatchObject({ contact_id: '3', change: 'entered', segment: 'spain', reason: 'contact' });
  });

  test('of one contact', async () => {
    const { items } = await read<{ readonly items: readonly Event[] }>('/segments/spain/events?contact=3');
    expect(items.map(({ change }) => change)).toEqual(['entered', 'left', 'entered']);
    expect(await http.ask('GET', '/segments/spain/events?contact=x')).toMatchObject({ status: 400 });
  });
});

describe('contacts', () => {
  test('are found by key and by displayed columns, page by page', async () => {
    expect(await ids('/contacts?find=42')).toEqual(['42']);
    expect(await ids('/contacts?find=person42@example.com')).toEqual(['42']);
    expect(await ids('/contacts?find=person4')).toEqual([]);
    expect((await all('/contacts', 50)).length).toBe(206);
    const spain = (await all('/contacts?find=es', 30)).map(({ contact_id }) => contact_id);
    expect(spain).toEqual(await members('spain'));
  });

  test('one contact with all that is known of it', async () => {
    await http.ask('POST', '/segments/old/overrides', {
      body: { decision: 'include', contacts: ['3'], note: 'asked' },
    });
    await http.world.ok('run', '--once');
    const contact = await read<Record<string, unknown>>('/contacts/3');
    expect(contact).toMatchObject({
      contact_id: '3',
      exists: true,
      values: { email: '•••@x', country: 'ES' },
      segments: [
        { key: 'old', reason: 'manual' },
        { key: 'spain', reason: 'contact' },
      ],
      overrides: [{ segment: 'old', kind: 'include', note: 'asked' }],
    });
    expect((contact['events'] as readonly unknown[]).length).toBe(4);
    expect(await read('/contacts/99999')).toMatchObject({ exists: false, segments: [], events: [] });
    expect(await http.ask('GET', '/contacts/x')).toMatchObject({ status: 400 });
  });
});
