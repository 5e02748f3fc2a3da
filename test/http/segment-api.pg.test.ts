/** Segments over HTTP: what the page and programs do with them, and what wrong requests get. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpWorld, type HttpWorld } from './http-world.ts';

let http: HttpWorld;
beforeAll(async () => {
  http = await createHttpWorld();
});
afterAll(() => http.end());

const spain = { '==': [{ var: 'country' }, 'ES'] };
const settled = () => http.world.ok('run', '--once');

describe('a segment', () => {
  test('is created, read, edited on the version that was read, and deleted', async () => {
    const created = await http.ask('POST', '/segments', {
      body: { key: 'spain', name: 'Spain', condition: spain, tags: ['iberia'] },
    });
    expect(created).toMatchObject({
      status: 201,
      body: { key: 'spain', name: 'Spain', condition: spain, state: 'building', version: 1 },
    });
    expect(created.headers.get('location')).toBe('/api/v1/segments/spain');
    await settled();
    const read = await http.ask('GET', '/segments/spain');
    expect(read).toMatchObject({ status: 200, body: { members: 2, live_version: 1 } });
    const etag = read.headers.get('etag') ?? '';
    expect(await http.ask('GET', '/segments/spain', { headers: { 'if-none-match': etag } })).toMatchObject({
      status: 304,
    });

    const body = { condition: { '==': [{ var: 'country' }, 'PT'] } };
    expect(await http.ask('PATCH', '/segments/spain', { body })).toMatchObject({
      status: 428,
      body: { code: 'if-match-required' },
    });
    const edited = await http.ask('PATCH', '/segments/spain', { body, headers: { 'if-match': etag } });
    expect(edited).toMatchObject({ status: 200, body: { version: 2 } });
    expect(
      await http.ask('PATCH', '/segments/spain', { body: { condition: spain }, headers: { 'if-match': etag } }),
    ).toMatchObject({
      status: 412,
      body: { data: { expected: 1, version: 2, by: [{ version: 2 }] } },
    });
    await settled();
    expect(await http.ask('GET', '/segments/spain/versions')).toMatchObject({
      body: { versions: [{ version: 2, live: true }, { version: 1 }] },
    });
    expect(
      await http.ask('POST', '/segments/spain/versions/1/restorations', { body: {}, headers: { 'if-match': '*' } }),
    ).toMatchObject({ status: 200, body: { version: 3, condition: spain } });
    expect(await http.ask('DELETE', '/segments/spain', { headers: { 'if-match': '"2"' } })).toMatchObject({
      status: 412,
    });
    expect(await http.ask('DELETE', '/segments/spain', { headers: { 'if-match': '"3"' } })).toMatchObject({
      status: 204,
    });
    expect(await http.ask('GET', '/segments/spain')).toMatchObject({ status: 404 });
    expect(await http.ask('POST', '/segments/spain/restorations')).toMatchObject({
      status: 200,
      body: { key: 'spain' },
    });
    await settled();
  });

  test('a wrong condition comes back with every issue', async () => {
    const condition = { and: [{ '==': [{ var: 'contry' }, 'ES'] }, { '>': [{ var: 'age' }, 'x'] }] };
    const refused = await http.ask('POST', '/segments', { body: { key: 'typo', condition } });
    expect(refused).toMatchObject({
      status: 422,
      body: {
        code: 'refused-condition',
        issues: [
          {
            code: 'unknown-field',
            pointer: expect.stringMatching(/^\/and\/0/),
            hint: expect.stringContaining('country'),
          },
          { code: expect.any(String) },
        ],
      },
    });
  });

  test.each<readonly [string, string, unknown, number, string]>([
    ['POST', '/segments', { key: 'x y', condition: true }, 400, 'usage'],
    ['POST', '/segments', { condition: true }, 400, 'wrong-input'],
    ['POST', '/segments', { key: 'x', condition: true, colour: 'red' }, 400, 'wrong-input'],
    ['POST', '/segments', '{"key": ', 400, 'wrong-input'],
    ['POST', '/segments', { key: 'spain', condition: true }, 409, 'conflict'],
    ['PUT', '/segments/spain/state', { state: 'deleted' }, 400, 'wrong-input'],
    ['GET', '/segments/none', undefined, 404, 'not-found'],
    ['GET', '/segments?limit=0', undefined, 400, 'wrong-input'],
    ['GET', '/segments?cursor=nonsense', undefined, 400, 'wrong-cursor'],
    ['GET', '/nothing', undefined, 404, 'not-found'],
  ])('%s %s %j → %i', async (method, path, body, status, code) => {
    expect(await http.ask(method, path, { body })).toMatchObject({ status, body: { code } });
  });

  test('its state is paused and resumed', async () => {
    expect(await http.ask('PUT', '/segments/spain/state', { body: { state: 'paused' } })).toMatchObject({
      status: 200,
      body: { wanted_state: 'paused' },
    });
    expect(await http.ask('PUT', '/segments/spain/state', { body: { state: 'live' } })).toMatchObject({
      status: 200,
      body: { wanted_state: 'live' },
    });
    await settled();
  });
});

test('pages hold everything once, in order', async () => {
  for (const key of ['p1', 'p2', 'p3', 'p4', 'p5'])
    await http.ask('POST', '/segments', { body: { key, condition: true, tags: ['page'] } });
  const seen: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const { body } = await http.ask('GET', `/segments?tag=page&limit=2${query}`);
    const page = body as { items: { key: string }[]; next: string | null };
    seen.push(...page.items.map(({ key }) => key));
    cursor = page.next;
  }
  expect(seen).toEqual(['p1', 'p2', 'p3', 'p4', 'p5']);
  await settled();
});

test('members, sizes, overrides, explanation and previews', async () => {
  expect(await http.ask('GET', '/segments/spain/members')).toMatchObject({
    status: 200,
    body: { items: [{ contact_id: '1' }, { contact_id: '3' }], next: null },
  });
  expect(await http.ask('GET', '/segments/spain/sizes')).toMatchObject({
    body: { days: expect.arrayContaining([expect.objectContaining({ members: 2 })]) },
  });
  expect(
    await http.ask('POST', '/segments/spain/overrides', {
      body: { decision: 'include', contacts: ['2'], note: 'asked' },
    }),
  ).toMatchObject({ body: { changed: 1 } });
  await settled();
  expect(await http.ask('GET', '/segments/spain/overrides')).toMatchObject({
    body: { items: [{ contact_id: '2', note: 'asked' }] },
  });
  expect(await http.ask('GET', '/segments/spain/explanations/2')).toMatchObject({
    body: { stored: { member: true }, computed: true, override: { kind: 'include' } },
  });
  expect(await http.ask('GET', '/contacts/2/segments')).toMatchObject({
    body: { exists: true, segments: expect.arrayContaining([expect.objectContaining({ key: 'spain' })]) },
  });
  expect(await http.ask('POST', '/previews', { body: { condition: spain } })).toMatchObject({
    status: 200,
    body: { in: 2, out: 2, basis: 'exact' },
  });
  expect(
    await http.ask('POST', '/segments/spain/edit-previews', {
      body: { condition: { '==': [{ var: 'country' }, 'PT'] } },
    }),
  ).toMatchObject({ status: 200, body: { leaving: 2 } });
  expect(await http.ask('GET', '/status')).toMatchObject({
    status: 200,
    body: {
      backlog: { installed: true },
      segments: expect.arrayContaining([expect.objectContaining({ key: 'spain' })]),
    },
  });
  expect(await http.ask('GET', '/status?segments=moving')).toMatchObject({ status: 200, body: { segments: [] } });
  expect(await http.ask('GET', '/findings')).toMatchObject({ status: 200 });
  expect(await http.ask('GET', '/catalogue')).toMatchObject({
    status: 200,
    body: { checker: { fields: { country: { label: 'Country' } } } },
  });
  expect(await http.ask('GET', '/overlaps?first=spain&second=p1')).toMatchObject({ status: 200, body: { both: 3 } });
  expect(await http.ask('GET', '/segments/spain/uses')).toMatchObject({ status: 200, body: { segments: [] } });
});

describe('what a request must be', () => {
  test('another name than that of the server', async () => {
    expect(await http.ask('GET', '/segments', { headers: { host: 'evil.example' } })).toMatchObject({ status: 421 });
  });
  test.each<readonly [string, Readonly<Record<string, string>>, number]>([
    ['another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['another origin of the same site', { 'sec-fetch-site': 'same-site' }, 403],
    ['an old browser, from elsewhere', { 'sec-fetch-site': '', origin: 'https://evil.example' }, 403],
    ['a form', { 'content-type': 'text/plain' }, 415],
    ['a form of a page', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
  ])('a write from %s', async (_, headers, status) => {
    const sent = Object.fromEntries(
      Object.entries({ 'content-type': 'application/json', ...headers }).filter(([, value]) => value !== ''),
    );
    expect(await http.ask('POST', '/segments', { body: { key: 'no', condition: true }, headers: sent })).toMatchObject({
      status,
    });
  });
  test('a person who is not signed in, and a viewer who writes', async () => {
    expect(await http.ask('GET', '/segments', { role: 'stranger' as never })).toMatchObject({ status: 401 });
    expect(await http.ask('POST', '/segments', { role: 'viewer', body: { key: 'no', condition: true } })).toMatchObject(
      { status: 403, body: { code: 'role' } },
    );
    expect(await http.ask('GET', '/findings', { role: 'editor' })).toMatchObject({ status: 403 });
  });
  const saysBodyLimit = (headers: Headers): boolean => headers.get('body-limit') === String(512 * 1024);
  test('a body that is too large', async () => {
    const body = JSON.stringify({ key: 'big', condition: true, description: 'x'.repeat(600_000) });
    expect(
      await http.ask('POST', '/segments', { body, headers: { 'content-length': String(body.length) } }),
    ).toMatchObject({ status: 413, body: { code: 'too-large' }, headers: expect.toSatisfy(saysBodyLimit) });
    // A client that does not say the length beforehand.
    expect(await http.ask('POST', '/segments', { body })).toMatchObject({
      status: 413,
      headers: expect.toSatisfy(saysBodyLimit),
    });
  });
  test('every answer forbids what a page must not do', async () => {
    const { headers } = await http.ask('GET', '/me');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('ratelimit-remaining')).toMatch(/^\d+$/);
  });
});
