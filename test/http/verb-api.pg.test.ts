/** What operators and programs ask for over HTTP: rebuilds, verifications, SQL, checks, waits, the feed, erasures. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpWorld, type HttpWorld } from './http-world.ts';

const SPAIN = { '==': [{ var: 'country' }, 'ES'] };

let http: HttpWorld;
beforeAll(async () => {
  http = await createHttpWorld();
  await http.ask('POST', '/segments', { body: { key: 'spain', condition: SPAIN } });
  await http.world.ok('run', '--once');
});
afterAll(() => http.end());

test('a verification finds what was changed behind the back of segmentd, a repair queues it, and a rebuild is done by a worker', async () => {
  const verify = (body: object) => http.ask('POST', '/segments/spain/verifications', { body });
  expect(await verify({})).toMatchObject({ status: 200, body: { key: 'spain', checked: 4, missing: [], extra: [] } });
  await http.world.database.query(`delete from segmentd.membership where contact_id = 1`);
  expect(await verify({ repair: true })).toMatchObject({ body: { missing: ['1'], extra: [] } });
  await http.world.ok('run', '--once');
  expect(await verify({})).toMatchObject({ body: { missing: [] } });
  expect(await http.ask('POST', '/segments/spain/rebuilds')).toMatchObject({ status: 202, body: { keys: ['spain'] } });
  const owed = await http.world.database.pool.query('select from segmentd_internal.rebuild_request');
  expect(owed.rowCount).toBe(1);
  await http.world.ok('run', '--once');
  expect(await http.ask('POST', '/segments/none/rebuilds')).toMatchObject({ status: 404 });
  expect(await http.ask('POST', '/segments/none/verifications', { body: {} })).toMatchObject({ status: 404 });
});

test('SQL that is shown runs, and gives the members', async () => {
  const { body } = await http.ask('GET', '/segments/spain/sql', { role: 'viewer' });
  const { rebuild } = body as { rebuild: { sql: string } };
  const { rows } = await http.world.database.pool.query<{ contact_id: string }>(rebuild.sql);
  expect(rows.map(({ contact_id }) => contact_id).toSorted()).toEqual(['1', '3']);
});

test('a condition is checked: its sentence and SQL, or its issues by pointer', async () => {
  const check = (condition: unknown) => http.ask('POST', '/checks', { role: 'viewer', body: { condition } });
  expect(await check(SPAIN)).toMatchObject({
    status: 200,
    body: { sentence: expect.stringMatching(/country/i), issues: [], sql: { rebuild: { sql: expect.any(String) } } },
  });
  expect(await check({ and: [SPAIN, { '==': [{ var: 'nope' }, 1] }] })).toMatchObject({
    status: 200,
    body: { sentence: null, sql: null, issues: [{ pointer: expect.stringMatching(/^\/and\/1/) }] },
  });
});

test('a wait says when no worker keeps the segments, instead of waiting for ever', async () => {
  expect(await http.ask('POST', '/waits', { body: { timeout: 200 } })).toMatchObject({
    status: 200,
    body: { late: [] },
  });
  await http.world.database.query(`update public.contacts set age = age + 1`);
  expect(await http.ask('POST', '/waits', { body: { timeout: 200 } })).toMatchObject({ status: 409 });
  expect(await http.ask('POST', '/waits', { body: { segment: 'none', timeout: 200 } })).toMatchObject({ status: 404 });
  expect(await http.ask('POST', '/waits', { body: { timeout: 60_000 } })).toMatchObject({ status: 400 });
});

interface FeedPage {
  readonly events: readonly { readonly id: string; readonly contact_id: string; readonly kind: string }[];
  readonly acknowledge: string | null;
}

test('the feed gives each event until it is acknowledged, in pages, and skips none', async () => {
  const read = async (body: object): Promise<FeedPage> => {
    const answer = await http.ask('POST', '/feeds/crm/pages', { body });
    expect(answer.status).toBe(200);
    return answer.body as FeedPage;
  };
  expect((await read({})).events).toEqual([]);
  await http.world.database.query(`update public.contacts set country = 'ES' where id in (2, 4)`);
  await http.world.ok('run', '--once');
  await http.world.database.query(`update public.contacts set country = 'PT' where id = 2`);
  await http.world.ok('run', '--once');
  const first = await read({ limit: 2 });
  expect(first.events.map(({ contact_id }) => contact_id).toSorted()).toEqual(['2', '4']);
  // The answer was lost: the same comes again.
  expect(await read({ limit: 2 })).toEqual(first);
  const one = first.events[0]?.id ?? '';
  const rest = await read({ limit: 5, acknowledge: one });
  expect(rest.events.map(({ kind }) => kind)).toContain('entered');
  expect(rest.events.map(({ id }) => id)).not.toContain(one);
  const seen = [...rest.events];
  for (let page = rest; page.acknowledge !== null;) {
    page = await read({ acknowledge: page.acknowledge });
    seen.push(...page.events);
  }
  expect(seen.map(({ contact_id, kind }) => `${contact_id} ${kind}`)).toEqual(expect.arrayContaining(['2 left']));
  // An acknowledgement that comes twice changes nothing.
  expect((await read({ acknowledge: one })).events).toEqual([]);
  expect(await http.ask('POST', '/feeds/crm/pages', { body: { segments: ['none'] } })).toMatchObject({ status: 404 });
});

test('a contact that was deleted is erased, one that is there is not', async () => {
  expect(await http.ask('POST', '/contacts/4/erasures')).toMatchObject({ status: 409 });
  await http.world.database.query('delete from public.contacts where id = 4');
  await http.world.ok('run', '--once');
  expect(await http.ask('POST', '/contacts/4/erasures')).toMatchObject({ status: 200, body: { contact: '4' } });
  const { rows } = await http.world.database.pool.query(
    'select from segmentd.membership_event where contact_id::text = $1',
    ['4'],
  );
  expect(rows).toEqual([]);
  expect(await http.ask('POST', '/contacts/3/erasures', { role: 'editor' })).toMatchObject({ status: 403 });
});
