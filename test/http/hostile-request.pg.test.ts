/**
 * Requests of attackers, over real sockets: a proxy that is none, forwarded headers, foreign hosts and origins, guessed tokens and
 * sessions. Each is refused, and none changes who asks.
 */
import { request, type IncomingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLog } from '../../src/base/log.ts';
import { trustedAddresses } from '../../src/http/auth/trusted-address.ts';
import { createPageServer, type PageServer } from '../../src/http/page-server.ts';
import { createSegmentd, type Segmentd } from '../../src/index.ts';
import { createWorld, type World } from '../cli/cli-world.ts';

let world: World;
let segmentd: Segmentd;
/** Behind a proxy on 127.0.0.9. */
let proxied: PageServer;
let plain: PageServer;
beforeAll(async () => {
  world = await createWorld();
  segmentd = createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml` });
  await segmentd.admin.migrate();
  await segmentd.admin.install();
  const log = createLog({ level: 'silent' });
  proxied = createPageServer({
    segmentd,
    at: { host: '0.0.0.0', port: 0 },
    log,
    auth: {
      way: 'proxy',
      publicUrl: 'https://segments.example.com',
      from: ['127.0.0.9', 'fd00::/64'],
      userHeader: 'x-forwarded-email',
      groupsHeader: 'x-forwarded-groups',
      groups: { admin: ['ops'], editor: ['marketing', 'content team'], viewer: ['staff'] },
    },
  });
  plain = createPageServer({
    segmentd,
    at: { host: '127.0.0.1', port: 0 },
    log,
    owner: { name: 'ana', role: 'editor' },
  });
  await proxied.start();
  await plain.start();
});
afterAll(async () => {
  await proxied.stop();
  await plain.stop();
  await segmentd.close();
  await world.end();
});

interface Given {
  readonly method?: string;
  readonly path?: string;
  /** As they are sent, one after the other. */
  readonly headers?: readonly (readonly [string, string])[];
  /** The address that the request comes from. */
  readonly from?: string;
  readonly host?: string;
  readonly body?: string;
}

interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
}

function send(server: PageServer, given: Given = {}): Promise<Got> {
  const { method = 'GET', path = '/api/v1/me', headers = [], from = '127.0.0.1', host = 'localhost', body } = given;
  const { port } = new URL(server.url ?? '');
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        method,
        path,
        localAddress: from,
        headers: [
          'host',
          host,
          'accept',
          'application/json',
          ...headers.flat(),
          ...(body === undefined ? [] : ['content-length', String(Buffer.byteLength(body))]),
        ],
      },
      (response) => {
        response.setEncoding('utf8');
        let text = '';
        response.on('data', (part: string) => (text += part));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: text.startsWith('{') ? (JSON.parse(text) as Got['body']) : {},
          }),
        );
      },
    );
    sent.on('error', reject);
    // As bytes: a text would make Node write the headers in UTF-8 too.
    sent.end(body === undefined ? undefined : Buffer.from(body));
  });
}

const person = (name: string, groups: string): readonly (readonly [string, string])[] => [
  ['x-forwarded-email', name],
  ['x-forwarded-groups', groups],
];

describe('a proxy names the person', () => {
  const byProxy = (headers: Given['headers'] = [], more: Given = {}) =>
    send(proxied, { from: '127.0.0.9', host: 'segments.example.com', headers, ...more });

  test.each([
    ['staff', 'viewer'],
    ['staff, content team', 'editor'],
    ['marketing,ops', 'admin'],
  ])('whose groups %j make a %s', async (groups, role) => {
    expect(await byProxy(person('ana@example.com', groups))).toMatchObject({
      status: 200,
      body: { name: 'ana@example.com', role, by: 'proxy', sign_out: false },
    });
  });

  test('in UTF-8, and stored with what the person does', async () => {
    const name = Buffer.from('Zoë', 'utf8').toString('latin1');
    const made = await byProxy(
      [
        ...person(name, 'marketing'),
        ['content-type', 'application/json'],
        ['sec-fetch-site', 'same-origin'],
        ['origin', 'https://segments.example.com'],
      ],
      { method: 'POST', path: '/api/v1/segments', body: JSON.stringify({ key: 'zoe', condition: true }) },
    );
    expect(made.status).toBe(201);
    expect((await segmentd.access.audit({ segment: 'zoe' })).map(({ actor }) => actor)).toEqual(['Zoë']);
    expect(await segmentd.access.audit({ actor: 'Zoë' })).toMatchObject([
      { action: 'segment-create', way: 'proxy', segment: 'zoe' },
    ]);
  });

  test('the origin of the page is its own, also where the proxy changes Host', async () => {
    const write = (origin: string, host: string) =>
      byProxy([...person('ana', 'staff'), ['content-type', 'application/json'], ['origin', origin]], {
        method: 'POST',
        path: '/api/v1/previews',
        host,
        body: JSON.stringify({ condition: true }),
      });
    expect((await write('https://segments.example.com', 'localhost')).status).toBe(200);
    expect(await write('https://evil.example', 'localhost')).toMatchObject({
      status: 403,
      body: { code: 'foreign-origin' },
    });
    expect(await write('http://segments.example.com', 'localhost')).toMatchObject({ status: 403 });
  });

  test('without groups of a role the person is refused', async () => {
    for (const groups of ['', 'guests', '*', 'OPS', 'ops;staff'])
      expect(await byProxy(person('eve', groups)), groups).toMatchObject({ status: 403, body: { code: 'no-role' } });
  });

  test('two names, an odd name or none are refused', async () => {
    expect(await byProxy([['x-forwarded-email', 'ana'], ...person('boss', 'ops')])).toMatchObject({
      status: 403,
      body: { code: 'wrong-person' },
    });
    expect(await byProxy(person('x'.repeat(201), 'ops'))).toMatchObject({
      status: 403,
      body: { code: 'wrong-person' },
    });
    expect(await byProxy([['x-forwarded-groups', 'ops']])).toMatchObject({
      status: 403,
      body: { code: 'wrong-person' },
    });
    expect(await byProxy()).toMatchObject({ status: 401, body: { data: { auth: 'proxy', sign_in: null } } });
  });

  test('from another address the header is refused, whatever else is said of where it comes from', async () => {
    const claims = [
      ['x-forwarded-for', '127.0.0.9'],
      ['x-real-ip', '127.0.0.9'],
      ['forwarded', 'for=127.0.0.9;host=segments.example.com;proto=https'],
      ['via', '1.1 proxy'],
    ] as const;
    expect(await send(proxied, { headers: [...person('boss', 'ops'), ...claims] })).toMatchObject({
      status: 403,
      body: { code: 'untrusted-proxy' },
    });
    expect(await send(proxied, { headers: [['X-Forwarded-Groups', 'ops']] })).toMatchObject({
      status: 403,
      body: { code: 'untrusted-proxy' },
    });
    expect(await send(proxied)).toMatchObject({ status: 401 });
  });

  test('programs come directly, with a token; a token of another kind in Authorization is none', async () => {
    const token = await segmentd.access.addToken({ name: 'nightly', role: 'viewer' });
    expect(await send(proxied, { headers: [['authorization', `Bearer ${token}`]] })).toMatchObject({
      status: 200,
      body: { name: 'nightly', by: 'token' },
    });
    const both = [...person('ana', 'ops'), ['authorization', `Bearer ${token}`]] as const;
    expect(await send(proxied, { headers: both })).toMatchObject({ status: 403 });
    expect(
      await byProxy([...person('ana', 'staff'), ['authorization', 'Bearer eyJhbGciOiJub25lIn0.e30.']]),
    ).toMatchObject({ body: { name: 'ana', by: 'proxy' } });
    // Such a header does not let a request of another site through.
    expect(
      await byProxy(
        [
          ...person('ana', 'ops'),
          ['authorization', 'Bearer eyJ'],
          ['origin', 'https://evil.example'],
          ['content-type', 'application/json'],
        ],
        {
          method: 'POST',
          path: '/api/v1/segments',
          body: '{}',
        },
      ),
    ).toMatchObject({ status: 403, body: { code: 'foreign-origin' } });
  });

  test('a session of a browser is no way in here', async () => {
    const value = await segmentd.access.beginSession({ name: 'ana', role: 'admin' });
    expect(await send(proxied, { headers: [['cookie', `__Host-segmentd=${value}`]] })).toMatchObject({ status: 401 });
  });
});

describe('addresses of a proxy', () => {
  test('are single ones and networks of both families', () => {
    const isTrusted = trustedAddresses(['10.0.0.5', '192.168.7.0/28', 'fd00::/64']);
    for (const address of ['10.0.0.5', '::ffff:10.0.0.5', '192.168.7.15', 'fd00::1:2'])
      expect(isTrusted(address), address).toBe(true);
    for (const address of ['10.0.0.6', '192.168.7.16', 'fd00:0:0:1::1', '::ffff:10.0.0.6', '', undefined, 'localhost'])
      expect(isTrusted(address), address).toBe(false);
  });

  test.each(['0.0.0.0/0', '::/0', '10.0.0.0/33', '10.0.0', 'proxy.example.com', '10.0.0.1/', ''])(
    '%j is refused',
    (range) => {
      expect(() => trustedAddresses([range])).toThrow(/--proxy-from takes addresses/);
    },
  );
});

describe('names of the server', () => {
  test.each([
    'evil.example',
    'localhost.evil.example',
    'localhost:80:80',
    '127.0.0.1.nip.io',
    '[::1]',
    'segments.example.com',
    'a b',
    '',
  ])('Host %j is refused', async (host) => {
    // Node itself refuses what is no host at all.
    expect([400, 421]).toContain((await send(plain, { host })).status);
  });

  test('forwarded headers change nothing: neither the host, nor the person, nor the scheme', async () => {
    const headers = [
      ['x-forwarded-host', 'localhost'],
      ['x-forwarded-proto', 'https'],
      ['forwarded', 'host=localhost'],
      ['x-forwarded-email', 'boss'],
      ['x-original-url', '/api/v1/audit'],
      ['x-http-method-override', 'DELETE'],
    ] as const;
    expect(await send(plain, { host: 'evil.example', headers })).toMatchObject({ status: 421 });
    expect(await send(plain, { headers })).toMatchObject({ status: 401 });
    const token = await segmentd.access.addToken({ name: 'plain', role: 'viewer' });
    expect(await send(plain, { headers: [...headers, ['authorization', `Bearer ${token}`]] })).toMatchObject({
      status: 200,
      body: { name: 'plain', role: 'viewer' },
    });
  });
});

describe('requests of another site', () => {
  test.each([
    [[['sec-fetch-site', 'cross-site']]],
    [[['sec-fetch-site', 'same-site']]],
    [[['sec-fetch-site', 'none']]],
    [
      [
        ['sec-fetch-site', 'same-origin'],
        ['origin', 'https://evil.example'],
      ],
    ],
    [[['origin', 'null']]],
    [[['origin', 'https://localhost.evil.example']]],
    [[['origin', 'file://']]],
    [[]],
  ] as const)('%j may write nothing with the session of a browser', async (headers) => {
    const value = await segmentd.access.beginSession({ name: 'ana', role: 'admin' });
    const got = await send(plain, {
      method: 'POST',
      path: '/api/v1/segments',
      headers: [...headers, ['cookie', `__Host-segmentd=${value}`], ['content-type', 'application/json']],
      body: JSON.stringify({ key: 'forged', condition: true }),
    });
    expect(got).toMatchObject({ status: 403, body: { code: 'foreign-origin' } });
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain; application/json',
  ])('a body of type %s is refused', async (type) => {
    const value = await segmentd.access.beginSession({ name: 'ana', role: 'admin' });
    const got = await send(plain, {
      method: 'POST',
      path: '/api/v1/segments',
      headers: [
        ['sec-fetch-site', 'same-origin'],
        ['cookie', `__Host-segmentd=${value}`],
        ['content-type', type],
      ],
      body: JSON.stringify({ key: 'forged', condition: true }),
    });
    expect(got).toMatchObject({ status: 415 });
    await expect(segmentd.segments.show('forged')).rejects.toThrow(/no segment/);
  });

  test('no answer lets another site read it', async () => {
    const got = await send(plain, {
      method: 'OPTIONS',
      headers: [
        ['origin', 'https://evil.example'],
        ['access-control-request-method', 'PUT'],
      ],
    });
    expect(Object.keys(got.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('tokens and sessions', () => {
  test.each(['x', 'x'.repeat(43), `${'x'.repeat(42)}"`, '', `${'x'.repeat(43)}; __Host-segmentd=y`, '%00'.repeat(14)])(
    'the session %j is none',
    async (value) => {
      expect(await send(plain, { headers: [['cookie', `__Host-segmentd=${value}`]] })).toMatchObject({ status: 401 });
    },
  );

  test('a session does not come under another name of cookie', async () => {
    const value = await segmentd.access.beginSession({ name: 'ana', role: 'admin' });
    for (const name of ['segmentd', '__Secure-segmentd', '__host-segmentd', '__Host-segmentd2'])
      expect(await send(plain, { headers: [['cookie', `${name}=${value}`]] }), name).toMatchObject({ status: 401 });
  });

  test('the hash that Postgres stores opens nothing', async () => {
    await segmentd.access.addToken({ name: 'stored', role: 'admin' });
    const [{ hash } = { hash: '' }] = await world.database.query<{ hash: string }>(
      `select hash from segmentd_internal.api_token where name = 'stored'`,
    );
    for (const token of [hash, `sgd_${hash}`])
      expect(await send(plain, { headers: [['authorization', `Bearer ${token}`]] })).toMatchObject({ status: 401 });
  });

  test('guesses are slowed down, and those who are known are let in meanwhile', async () => {
    const token = await segmentd.access.addToken({ name: 'known', role: 'viewer' });
    const known = [['authorization', `Bearer ${token}`]] as const;
    expect((await send(plain, { headers: known })).status).toBe(200);
    const guess = (n: number) =>
      send(plain, { headers: [['authorization', `Bearer sgd_${String(n).padStart(43, 'x')}`]] });
    const guesses = await Promise.all(Array.from({ length: 400 }, (_, n) => guess(n)));
    const refused = guesses.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]).toMatchObject({ headers: { 'retry-after': '1' }, body: { code: 'too-many-failures' } });
    expect(guesses.filter(({ status }) => status !== 429 && status !== 401)).toEqual([]);
    expect((await send(plain, { headers: known })).status).toBe(200);
  });
});

test('every answer has the headers that keep a page apart from others', async () => {
  for (const path of ['/api/v1/me', '/nothing', '/sign-in', '/api/v1/openapi.json']) {
    const { headers } = await send(plain, { path });
    expect(headers, path).toMatchObject({
      'content-security-policy': expect.stringMatching(/^default-src 'none'; .*frame-ancestors 'none'$/),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    });
    expect(headers).not.toHaveProperty('server');
    expect(headers).not.toHaveProperty('x-powered-by');
  }
});
