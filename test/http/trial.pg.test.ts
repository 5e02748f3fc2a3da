/** A draft tried on one contact over HTTP: verdicts row by row, masked values, and what wrong requests get. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  catalogueFromJson,
  rowVerdicts,
  type CatalogueJson,
  type ContactDocument,
} from '../../src/condition/condition.ts';
import { createHttpWorld, type HttpWorld } from './http-world.ts';

let http: HttpWorld;
beforeAll(async () => {
  http = await createHttpWorld();
  await http.ask('POST', '/segments', { body: { key: 'spain', condition: { '==': [{ var: 'country' }, 'ES'] } } });
  await http.world.ok('run', '--once');
});
afterAll(() => http.end());

const condition = {
  and: [
    { in: [{ var: 'country' }, ['ES', 'PT']] },
    { '!': [{ ends_with: [{ var: 'email' }, '@x'] }] },
    { '<=': [18, { var: 'age' }, 35] },
    { '>=': [{ count: [{ filter: [{ var: 'orders' }, { '==': [{ var: 'status' }, 'paid'] }] }] }, 1] },
    { in_segment: ['spain'] },
  ],
};

interface Trial {
  readonly at: string;
  readonly rows: readonly { readonly pointer: string; readonly result: boolean | null }[];
  readonly document: ContactDocument;
}

test('a viewer gets verdicts row by row, masked values masked', async () => {
  const { status, body } = await http.ask('POST', '/contacts/1/trials', { role: 'viewer', body: { condition } });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    exists: true,
    verdict: false,
    base: true,
    rows: [
      { pointer: '', result: false, actual: null },
      { pointer: '/and/0', result: true, actual: 'ES' },
      { pointer: '/and/1', result: false, actual: '•••@x' },
      { pointer: '/and/2', result: true, actual: '20' },
      { pointer: '/and/3', result: true, actual: '1' },
      { pointer: '/and/4', result: true, actual: 'a member' },
    ],
    document: {
      fields: { country: 'ES', age: '20' },
      relations: { orders: [{ fields: { status: 'paid' } }] },
      segments: ['spain'],
    },
    hidden: ['email'],
  });
  expect(JSON.stringify(body)).not.toContain('a@x');
  // The page computes the same, and leaves open what it may not read.
  const catalogue = await http.ask('GET', '/catalogue', { role: 'viewer' });
  const { at, rows, document } = body as Trial;
  const checker = catalogueFromJson((catalogue.body as { readonly checker: CatalogueJson }).checker);
  const verdicts = rowVerdicts(condition, document, checker, { at });
  for (const { pointer, result } of rows) expect([result, null], pointer).toContain(verdicts.get(pointer));
  expect([...verdicts].filter(([, verdict]) => verdict === null).map(([pointer]) => pointer)).toEqual(['/and/1', '']);
});

test('an editor may reveal, a viewer may not', async () => {
  const body = { condition, reveal: true };
  expect(await http.ask('POST', '/contacts/1/trials', { role: 'viewer', body })).toMatchObject({
    status: 403,
    body: { code: 'role' },
  });
  expect(await http.ask('POST', '/contacts/1/trials', { role: 'editor', body })).toMatchObject({
    status: 200,
    body: { hidden: [], document: { fields: { email: 'a@x' } } },
  });
  const why = '/segments/spain/explanations/1?reveal=true';
  expect((await http.ask('GET', why, { role: 'viewer' })).status).toBe(403);
  const noted = await http.segmentd.access.audit({ contact: '1', action: 'reveal' });
  expect(noted[0]).toMatchObject({ actor: 'editor@example.com', way: 'session', segment: null });
});

test('a contact that does not exist, and a text that is no key', async () => {
  expect(await http.ask('POST', '/contacts/999/trials', { body: { condition } })).toMatchObject({
    status: 200,
    body: { exists: false, verdict: null, base: null, document: null },
  });
  expect(await http.ask('POST', '/contacts/x/trials', { body: { condition } })).toMatchObject({ status: 400 });
});

test('a draft with mistakes is refused with every issue', async () => {
  const wrong = { and: [{ '==': [{ var: 'contry' }, 'ES'] }, { in_segment: ['absent'] }] };
  expect(await http.ask('POST', '/contacts/1/trials', { body: { condition: wrong } })).toMatchObject({
    status: 422,
    body: {
      issues: [{ pointer: expect.stringMatching(/^\/and\/0/) }, { pointer: expect.stringMatching(/^\/and\/1/) }],
    },
  });
});

test('the document of a contact with very many rows leaves the relation out, and Postgres answers', async () => {
  await http.world.database.query(
    `insert into public.orders (contact_id, status) select 2, 'paid' from generate_series(1, 1001)`,
  );
  const many = { '>': [{ count: [{ filter: [{ var: 'orders' }, { '==': [{ var: 'status' }, 'paid'] }] }] }, 1000] };
  expect(await http.ask('POST', '/contacts/2/trials', { body: { condition: many } })).toMatchObject({
    status: 200,
    body: {
      verdict: true,
      rows: [{ pointer: '', result: true, actual: '1001' }],
      document: { relations: {} },
      hidden: ['orders'],
    },
  });
});
