/**
 * Postgres decides: each address is asked with the API's own check switched off, under the role of Postgres of a viewer, an editor and an
 * admin. What the role may not do, Postgres itself refuses. A new address of the API needs a line in REQUESTS.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ACCESS_ROLES, type AccessRole } from '../../src/access/person.ts';
import { createLog } from '../../src/base/log.ts';
import { createHttpApp } from '../../src/http/http-app.ts';
import type { HttpApi } from '../../src/http/http-env.ts';
import { DATABASE_ROLES, type Segmentd } from '../../src/index.ts';
import { addressesOf } from './http-document.ts';
import { createHttpWorld, SAME_ORIGIN, type HttpWorld } from './http-world.ts';

const SPAIN = { '==': [{ var: 'country' }, 'ES'] };

interface Request {
  /** The role of Postgres that it needs. */
  readonly least: AccessRole;
  /** @param own a segment, a token and a schedule of the role alone, so that one role does not change what another needs */
  readonly path?: (own: Own) => string;
  readonly body?: (own: Own) => unknown;
}

interface Own {
  readonly key: string;
  readonly schedule: number;
  /** Ids of two downloads. */
  readonly downloads: readonly string[];
  readonly role: AccessRole;
}

const keyed =
  (rest: string) =>
  ({ key }: Own) =>
    `/segments/${key}${rest}`;

/** What is asked of each address. It would succeed for an admin. */
const REQUESTS: Readonly<Record<string, Request>> = {
  'GET /me': { least: 'viewer' },
  'GET /segments': { least: 'viewer' },
  'POST /segments': { least: 'editor', body: ({ role }) => ({ key: `new_${role}`, condition: SPAIN }) },
  'GET /segments/{key}': { least: 'viewer', path: keyed('') },
  'PATCH /segments/{key}': { least: 'editor', path: keyed(''), body: () => ({ name: 'other', confirm: true }) },
  'DELETE /segments/{key}': { least: 'editor', path: ({ role }) => `/segments/deleted_${role}` },
  'PUT /segments/{key}/state': { least: 'editor', path: keyed('/state'), body: () => ({ state: 'paused' }) },
  'POST /segments/{key}/restorations': {
    least: 'editor',
    path: ({ role }) => `/segments/restored_${role}/restorations`,
  },
  'POST /segments/{key}/duplicates': {
    least: 'editor',
    path: keyed('/duplicates'),
    body: ({ role }) => ({ key: `copy_${role}` }),
  },
  'GET /segments/{key}/uses': { least: 'viewer', path: keyed('/uses') },
  'GET /segments/{key}/versions': { least: 'viewer', path: keyed('/versions') },
  'POST /segments/{key}/versions/{version}/restorations': {
    least: 'editor',
    path: ({ role }) => `/segments/edited_${role}/versions/1/restorations`,
    body: () => ({ confirm: true }),
  },
  'GET /segments/{key}/members': { least: 'viewer', path: keyed('/members') },
  'GET /segments/{key}/moments': { least: 'viewer', path: keyed('/moments?at=2020-01-01') },
  'GET /segments/{key}/events': { least: 'viewer', path: keyed('/events') },
  'GET /segments/{key}/sizes': { least: 'viewer', path: keyed('/sizes') },
  'GET /segments/{key}/overrides': { least: 'viewer', path: keyed('/overrides') },
  'POST /segments/{key}/overrides': {
    least: 'editor',
    path: keyed('/overrides'),
    body: () => ({ decision: 'include', contacts: ['1'] }),
  },
  'GET /overlaps': { least: 'viewer', path: ({ key }) => `/overlaps?first=${key}&second=${key}` },
  'GET /contacts': { least: 'viewer', path: () => '/contacts?find=1' },
  'GET /contacts/{contact}': { least: 'viewer', path: () => '/contacts/1' },
  'GET /contacts/{contact}/segments': { least: 'viewer', path: () => '/contacts/1/segments' },
  'POST /contacts/{contact}/trials': {
    least: 'viewer',
    path: () => '/contacts/1/trials',
    body: () => ({ condition: SPAIN }),
  },
  'POST /previews': { least: 'viewer', body: () => ({ condition: SPAIN }) },
  'POST /segments/{key}/edit-previews': {
    least: 'viewer',
    path: keyed('/edit-previews'),
    body: () => ({ condition: { '==': [{ var: 'country' }, 'PT'] } }),
  },
  'GET /segments/{key}/explanations/{contact}': { least: 'viewer', path: keyed('/explanations/1') },
  'GET /catalogue': { least: 'viewer' },
  'GET /status': { least: 'viewer' },
  // The API asks for an admin; the checks themselves need no more than an editor's role.
  'GET /findings': { least: 'editor' },
  'GET /ranks': { least: 'viewer' },
  'POST /ranks/computations': { least: 'editor', body: () => ({}) },
  'GET /schedules': { least: 'viewer' },
  'POST /schedules': { least: 'editor', body: ({ key }) => ({ key, cron: '0 6 * * *' }) },
  'PATCH /schedules/{id}': {
    least: 'editor',
    path: ({ schedule }) => `/schedules/${schedule}`,
    body: () => ({ gzip: true }),
  },
  'GET /segments/{key}/columns': { least: 'viewer', path: keyed('/columns') },
  'GET /segments/{key}/exports': { least: 'viewer', path: keyed('/exports') },
  'POST /segments/{key}/exports': { least: 'editor', path: keyed('/exports'), body: () => ({}) },
  'POST /segments/{key}/rebuilds': { least: 'editor', path: ({ role }) => `/segments/edited_${role}/rebuilds` },
  // The API asks for an admin, because it reads every contact.
  'POST /segments/{key}/verifications': {
    least: 'viewer',
    path: ({ role }) => `/segments/edited_${role}/verifications`,
    body: () => ({}),
  },
  'GET /segments/{key}/sql': { least: 'viewer', path: keyed('/sql') },
  'POST /checks': { least: 'viewer', body: () => ({ condition: SPAIN }) },
  'POST /feeds/{consumer}/pages': { least: 'editor', path: ({ role }) => `/feeds/${role}/pages`, body: () => ({}) },
  'POST /contacts/{contact}/erasures': { least: 'admin', path: ({ role }) => `/contacts/99${role.length}/erasures` },
  'GET /exports/{id}': { least: 'viewer', path: ({ downloads }) => `/exports/${downloads[0] ?? ''}` },
  'GET /exports/{id}/file': { least: 'editor', path: ({ downloads }) => `/exports/${downloads[0] ?? ''}/file` },
  'DELETE /exports/{id}': { least: 'editor', path: ({ downloads }) => `/exports/${downloads[1] ?? ''}` },
  'DELETE /schedules/{id}': { least: 'editor', path: ({ schedule }) => `/schedules/${schedule}` },
  'GET /schedules/{id}/runs': { least: 'viewer', path: ({ schedule }) => `/schedules/${schedule}/runs` },
  'POST /schedules/{id}/runs': { least: 'editor', path: ({ schedule }) => `/schedules/${schedule}/runs` },
  'GET /audit': { least: 'admin' },
  'GET /tokens': { least: 'admin' },
  'POST /tokens': { least: 'admin', body: ({ role }) => ({ name: `made by ${role}`, role: 'viewer' }) },
  'DELETE /tokens/{name}': { least: 'admin', path: ({ role }) => `/tokens/token_${role}` },
};

/** The stream does not end, and says keys of segments alone, which every role may read. A wait needs a worker. */
const addresses = (await addressesOf()).filter(
  ({ open, path }) => !open && !['/events/stream', '/waits'].includes(path),
);
/** What removes comes last, so that nothing else asks for what is removed. */
const inOrder = addresses.toSorted((a, b) => Number(a.method === 'DELETE') - Number(b.method === 'DELETE'));

let http: HttpWorld;
const owns = new Map<AccessRole, Own>();
beforeAll(async () => {
  http = await createHttpWorld();
  const { segmentd } = http;
  const schedules = new Map<AccessRole, number>();
  for (const role of ACCESS_ROLES) {
    for (const key of ['own', 'deleted', 'restored', 'edited'])
      await segmentd.segments.create({ key: `${key}_${role}`, condition: SPAIN });
    await segmentd.segments.edit(`edited_${role}`, { condition: true });
    await segmentd.segments.delete(`restored_${role}`);
    await segmentd.access.addToken({ name: `token_${role}`, role: 'viewer' });
    const { id } = await segmentd.schedules.add({ key: `own_${role}`, cron: '0 6 * * *' });
    schedules.set(role, id);
  }
  await http.world.ok('run', '--once');
  for (const [role, schedule] of schedules) {
    const key = `own_${role}`;
    const downloads = [await segmentd.exports.request(key), await segmentd.exports.request(key)].map(({ id }) => id);
    owns.set(role, { role, key, schedule, downloads });
  }
});
afterAll(() => http.end());

/** The API as it checks nothing itself: every person is an admin to it, and acts under the role of Postgres that is asked for. */
function uncheckedApp(role: AccessRole): HttpApi {
  const segmentd = Object.assign(Object.create(http.segmentd) as Segmentd, {
    as: (acting: Parameters<Segmentd['as']>[0]) => http.segmentd.as({ ...acting, role: DATABASE_ROLES[role] }),
  });
  return createHttpApp({
    segmentd,
    log: createLog({ level: 'error' }),
    hosts: ['localhost'],
    authenticate: () => Promise.resolve({ name: role, role: 'admin', by: 'session' }),
    rate: { burst: 100_000, perSecond: 1 },
  });
}

async function ask(
  app: HttpApi,
  method: string,
  path: string,
  body: unknown,
): Promise<{ status: number; body: unknown }> {
  const response = await app.request(`http://localhost/api/v1${path}`, {
    method,
    headers: { ...SAME_ORIGIN, 'if-match': '*', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  return { status: response.status, body: !isJson ? null : JSON.parse(text) };
}

test('every address has its request', () => {
  expect(Object.keys(REQUESTS).toSorted()).toEqual(addresses.map(({ method, path }) => `${method} ${path}`).toSorted());
});

describe.each(ACCESS_ROLES)('Postgres checks a request of a role: %s', (role) => {
  test.each(inOrder.map(({ method, path }) => [method, path] as const))('%s %s', async (method, path) => {
    const request = REQUESTS[`${method} ${path}`];
    const own = owns.get(role);
    if (!request || !own) throw new Error('no request');
    const answer = await ask(uncheckedApp(role), method, (request.path ?? (() => path))(own), request.body?.(own));
    const may = ACCESS_ROLES.indexOf(role) >= ACCESS_ROLES.indexOf(request.least);
    if (may)
      expect(answer, JSON.stringify(answer.body)).toMatchObject({
        status: expect.toSatisfy((code: number) => code < 300),
      });
    else expect(answer).toMatchObject({ status: 403, body: { code: 'permission', detail: expect.any(String) } });
  });
});
