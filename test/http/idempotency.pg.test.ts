/** A POST that is sent again with its key: carried out once, answered the same; failures and other bodies are not. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpWorld, type Answer, type HttpWorld } from './http-world.ts';

let http: HttpWorld;
beforeAll(async () => {
  http = await createHttpWorld();
});
afterAll(() => http.end());

const create = (key: string, idempotency: string, more: object = {}, role: 'editor' | 'admin' = 'editor') =>
  http.ask('POST', '/segments', {
    role,
    body: { key, kind: 'static', ...more },
    headers: { 'idempotency-key': idempotency },
  });
const same = ({ status, body, headers }: Answer) => ({
  status,
  body,
  etag: headers.get('etag'),
  location: headers.get('location'),
});
const stored = async () =>
  (await http.world.database.pool.query('select key, status from segmentd_internal.repeatable_request order by key'))
    .rows;

test('the same request again gets the first answer, and writes nothing', async () => {
  const first = await create('a', 'one');
  expect(first.status).toBe(201);
  await http.ask('PATCH', '/segments/a', { body: { name: 'Later' }, headers: { 'if-match': '*' } });
  const again = await create('a', 'one');
  expect(same(again)).toEqual(same(first));
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(again.headers.get('content-security-policy')).toContain("default-src 'none'");
});

test('another body, address or person with the same key', async () => {
  expect(await create('a', 'one', { name: 'x' })).toMatchObject({
    status: 422,
    body: { code: 'used-idempotency-key' },
  });
  expect(
    await http.ask('POST', '/segments/a/duplicates', {
      role: 'editor',
      body: { key: 'b' },
      headers: { 'idempotency-key': 'one' },
    }),
  ).toMatchObject({ status: 422 });
  // Of another person it is another key: the request is carried out, and conflicts.
  expect(await create('a', 'one', {}, 'admin')).toMatchObject({ status: 409 });
});

test('ten at once are carried out once', async () => {
  const answers = await Promise.all(Array.from({ length: 10 }, () => create('once', 'ten')));
  const done = answers.filter(({ status }) => status === 201);
  expect(done.length).toBeGreaterThan(0);
  for (const { status, body, headers } of answers.filter((one) => one.status !== 201)) {
    expect({ status, body }).toMatchObject({ status: 409, body: { code: 'under-way' } });
    expect(headers.get('retry-after')).toBe('1');
  }
  expect(await create('once', 'ten')).toMatchObject({ status: 201 });
  const { rows } = await http.world.database.pool.query(`select from segmentd.segment where key = 'once'`);
  expect(rows).toHaveLength(1);
});

describe('nothing is kept', () => {
  test.each<readonly [string, string, unknown, number]>([
    ['a refused body', '/segments', { nope: 1 }, 400],
    ['a refused condition', '/segments', { key: 'bad', condition: { '==': [{ var: 'nope' }, 1] } }, 422],
    ['an unknown segment', '/segments/none/duplicates', { key: 'c' }, 404],
    ['a conflict', '/segments', { key: 'a', kind: 'static' }, 409],
  ])('of %s, so that it may be tried again', async (_, path, body, status) => {
    const before = await stored();
    expect(await http.ask('POST', path, { body, headers: { 'idempotency-key': 'fails' } })).toMatchObject({ status });
    expect(await stored()).toEqual(before);
  });
  test('of what only reads, because its answer has values of contacts', async () => {
    const before = await stored();
    const ask = () =>
      http.ask('POST', '/previews', {
        body: { condition: { '==': [{ var: 'country' }, 'ES'] } },
        headers: { 'idempotency-key': 'reads' },
      });
    expect(await ask()).toMatchObject({ status: 200 });
    expect(await ask()).toMatchObject({ status: 200 });
    expect(await stored()).toEqual(before);
  });
  test('of a role that may not, which hears so each time', async () => {
    const refused = () =>
      http.ask('POST', '/segments', {
        role: 'viewer',
        body: { key: 'x', kind: 'static' },
        headers: { 'idempotency-key': 'v' },
      });
    expect(await refused()).toMatchObject({ status: 403 });
    expect(await refused()).toMatchObject({ status: 403 });
  });
});

test('a key that is not one is refused', async () => {
  for (const odd of ['ä', ' ', 'x'.repeat(256), 'a b'])
    expect(await create('never', odd)).toMatchObject({ status: 400 });
});

test('a process that ended while it worked frees the key, and after a day the key is new', async () => {
  const age = (set: string) =>
    http.world.database.query(`update segmentd_internal.repeatable_request set ${set} where key = 'dead'`);
  await create('dead', 'dead');
  await age(`status = null, lease_until = clock_timestamp() + interval '1 minute'`);
  expect(await create('dead', 'dead')).toMatchObject({ status: 409, body: { code: 'under-way' } });
  await age(`lease_until = clock_timestamp() - interval '1 second'`);
  // It is carried out again: the segment is there already.
  expect(await create('dead', 'dead')).toMatchObject({ status: 409, body: { code: 'conflict' } });
  expect(await create('dead2', 'dead')).toMatchObject({ status: 201 });
  await age(`created_at = clock_timestamp() - interval '25 hours'`);
  expect(await create('dead3', 'dead')).toMatchObject({ status: 201 });
  await age(`created_at = clock_timestamp() - interval '25 hours'`);
  await http.world.ok('run', '--once');
  expect(await stored()).not.toContainEqual(expect.objectContaining({ key: 'dead' }));
});
