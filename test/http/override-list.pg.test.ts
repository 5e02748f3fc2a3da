/** Lists of contacts as people have them, over HTTP: unknown keys are named, and e-mail addresses stand for keys. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHttpWorld, type HttpWorld } from './http-world.ts';

let http: HttpWorld;
beforeAll(async () => {
  http = await createHttpWorld();
  await http.world.database.pool.query(`create index on public.contacts (email)`);
  await http.world.database.pool.query(
    `insert into public.contacts (email) values ('twice@x'), ('twice@x'), ('שלום🎉@x')`,
  );
  await http.ask('POST', '/segments', { body: { key: 'listed', kind: 'static' } });
  await http.ask('POST', '/segments', { body: { key: 'spain', condition: { '==': [{ var: 'country' }, 'ES'] } } });
  await http.world.ok('run', '--once');
});
afterAll(() => http.end());

const add = (contacts: readonly string[], more: object = {}, key = 'listed') =>
  http.ask('POST', `/segments/${key}/overrides`, {
    body: { decision: key === 'listed' ? 'add' : 'include', contacts, ...more },
  });
const listed = async (key = 'listed') =>
  (
    await http.world.database.query<{ id: string }>(
      `select w.contact_id::text as id from segmentd.override w join segmentd.segment s on s.id = w.segment_id where s.key = $1 order by 1`,
      [key],
    )
  ).map(({ id }) => id);

test('without skip_unknown nothing is changed, and each unknown key is named', async () => {
  expect(await add(['1', '99', '98'])).toMatchObject({ status: 404, body: { data: ['99', '98'] } });
  expect(await listed()).toEqual([]);
});

test('with skip_unknown the known contacts are added, and all that names no contact comes back', async () => {
  expect(await add(['1', ' 2', '99', 'not a key', '1e3', '<img src=x>', '01'], { skip_unknown: true })).toMatchObject({
    status: 200,
    body: { asked: 2, changed: 2, unknown: expect.arrayContaining(['99', 'not a key', '1e3', '<img src=x>']) },
  });
  expect(await listed()).toEqual(['1', '2']);
  expect(await add(['97'], { skip_unknown: true })).toMatchObject({ body: { asked: 0, changed: 0, unknown: ['97'] } });
});

test('e-mail addresses name contacts; one that two contacts have names both', async () => {
  expect(await add(['c@x', ' twice@x ', 'שלום🎉@x', 'none@x', ''], { by: 'email', skip_unknown: true })).toMatchObject({
    status: 200,
    body: { asked: 4, unknown: ['none@x', ''] },
  });
  expect(await listed()).toEqual(['1', '2', '3', '5', '6', '7']);
  const refused = await add(['c@x', 'someone@example.com'], { by: 'email' });
  expect(refused).toMatchObject({ status: 404, body: { data: ['someone@example.com'] } });
  expect((refused.body as { readonly detail: string }).detail).not.toContain('someone');
});

test.each([
  [{ by: 'emial' }, 400],
  [{ by: 'age' }, 400],
  [{ by: 'tags' }, 400],
  [{ by: '\0' }, 400],
])('%j is refused', async (more, status) => {
  expect(await add(['a@x'], more)).toMatchObject({ status });
});

test('ten thousand addresses are one request', async () => {
  await http.world.database.pool.query(
    `insert into public.contacts (email) select 'n' || n || '@example.com' from generate_series(1, 9000) n`,
  );
  const contacts = Array.from({ length: 10_000 }, (_, n) => `n${n}@example.com`);
  const { status, body } = await add(contacts, { by: 'email', skip_unknown: true }, 'spain');
  expect({ status, body }).toMatchObject({ status: 200, body: { asked: 9_000, changed: 9_000 } });
  expect((body as { readonly unknown: readonly string[] }).unknown).toHaveLength(1_000);
  expect(await listed('spain')).toHaveLength(9_000);
});
