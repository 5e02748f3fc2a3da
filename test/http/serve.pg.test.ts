/** `segmentd serve` as a process, and over a real socket: signing in, tokens, clients that leave, the end. */
import { execFile } from 'node:child_process';
import { request } from 'node:http';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLog } from '../../src/base/log.ts';
import { createPageServer, type PageServer } from '../../src/http/page-server.ts';
import { createSegmentd, type Segmentd } from '../../src/index.ts';
import { createWorld, type World } from '../cli/cli-world.ts';
import { startCli } from '../support/process.ts';
import { until } from '../support/until.ts';

let world: World;
let segmentd: Segmentd;
let server: PageServer;
beforeAll(async () => {
  world = await createWorld();
  segmentd = createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml` });
  await segmentd.admin.migrate();
  await segmentd.admin.install();
  server = createPageServer({
    segmentd,
    at: { host: '127.0.0.1', port: 0 },
    log: createLog({ level: 'error' }),
    owner: { name: 'ana', role: 'editor' },
  });
  await server.start();
});
afterAll(async () => {
  await server.stop();
  await segmentd.close();
  await world.end();
});

const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  fetch(`${server.url ?? ''}${path}`, { headers, redirect: 'manual' });

describe('the printed link', () => {
  test('signs in once, and the session ends with a sign-out', async () => {
    const link = server.signInLink().replace(server.url ?? '', '');
    const signedIn = await get(link);
    expect(signedIn.status).toBe(303);
    expect(signedIn.headers.get('location')).toBe('/');
    const cookie = signedIn.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^__Host-segmentd=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    expect((await get(link)).status).toBe(403);
    const [value = ''] = cookie.split(';');
    expect(await (await get('/api/v1/me', { cookie: value })).json()).toEqual({
      name: 'ana',
      role: 'editor',
      by: 'session',
      rights: { edit: true, admin: false, reveal: true },
      sign_out: true,
    });
    const stored = await world.database.pool.query('select hash from segmentd_internal.web_session');
    expect(JSON.stringify(stored.rows)).not.toContain(value.slice('__Host-segmentd='.length));

    const out = await fetch(`${server.url ?? ''}/sign-out`, {
      method: 'POST',
      headers: { cookie: value, 'sec-fetch-site': 'same-origin' },
    });
    expect(out.status).toBe(204);
    expect((await world.database.pool.query('select from segmentd_internal.web_session')).rowCount).toBe(0);
  });

  test('a session ends after the hours of the option, in the browser and in the database', async () => {
    const serving = startCli(['serve', '--session-hours', '720'], {
      cwd: world.folder,
      env: { DATABASE_URL: world.database.url },
    });
    try {
      const link = await serving.line(/\/sign-in\?secret=/);
      const cookie = (await fetch(link, { redirect: 'manual' })).headers.get('set-cookie') ?? '';
      expect(cookie).toMatch(/; Max-Age=2592000; /);
      const stored = `select s.expires_at - clock_timestamp() between interval '719 hours' and interval '720 hours' as fits from segmentd_internal.web_session s`;
      expect(await world.database.query(stored)).toEqual([{ fits: true }]);
      const [value = ''] = cookie.split(';');
      const me = `${new URL(link).origin}/api/v1/me`;
      expect((await fetch(me, { headers: { cookie: value } })).status).toBe(200);
      await world.database.query(
        `update segmentd_internal.web_session set expires_at = clock_timestamp() - interval '1 second'`,
      );
      await until(async () => (await fetch(me, { headers: { cookie: value } })).status === 401);
    } finally {
      await serving.kill('SIGTERM');
      await world.database.query('delete from segmentd_internal.web_session');
    }
  });

  test.each([0, 721, 1.5])('a session of %d hours is refused', async (hours) => {
    await expect(segmentd.access.beginSession({ name: 'ana', role: 'viewer' }, 'link', hours)).rejects.toThrow(
      'must be whole hours from 1 to 720',
    );
  });

  test('leads to the page, and a form of the page signs out', async () => {
    const browser = { accept: 'text/html,*/*', 'sec-fetch-site': 'same-origin' };
    const signedIn = await get(server.signInLink().replace(server.url ?? '', ''), browser);
    const [cookie = ''] = (signedIn.headers.get('set-cookie') ?? '').split(';');
    const home = await get(signedIn.headers.get('location') ?? '', { ...browser, cookie });
    expect(home.status).toBe(200);
    expect(home.headers.get('content-type')).toContain('text/html');
    expect(home.headers.get('content-security-policy')).toContain("default-src 'none'");
    // As a browser sends a form of a page whose policy is no-referrer.
    const form = { ...browser, cookie, origin: 'null', 'content-type': 'application/x-www-form-urlencoded' };
    const left = await fetch(`${server.url ?? ''}/sign-out`, { method: 'POST', headers: form, redirect: 'manual' });
    expect([left.status, left.headers.get('location')]).toEqual([303, '/']);
    expect((await world.database.pool.query('select from segmentd_internal.web_session')).rowCount).toBe(0);
  });

  test('a browser gets the page at every address but those of the API, with nothing inline and nothing from elsewhere', async () => {
    for (const path of ['/', '/segments', '/segments/a%2Fb/edit', '/nowhere']) {
      const page = await get(path, { accept: 'text/html' });
      expect([page.status, page.headers.get('cache-control')], path).toEqual([200, 'no-store']);
      const text = await page.text();
      expect(text).not.toMatch(/<style|style=| on\w+=|https?:/);
      const files = [...text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, name = '']) => name);
      const [style, ...scripts] = files;
      expect(style).toMatch(/^\/assets\/.*\.css$/);
      expect(scripts.length).toBeGreaterThan(0);
      for (const script of scripts) expect(script).toMatch(/^\/assets\/.*\.js$/);
      let bytes = 0;
      for (const file of files) {
        const plain = await get(file, { 'accept-encoding': 'identity' });
        expect([plain.status, plain.headers.get('content-encoding')], file).toEqual([200, null]);
        expect(plain.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
        bytes += (await plain.text()).length;
      }
      // The first script may do no more than import the others.
      expect(bytes).toBeGreaterThan(10_000);
    }
    expect((await get('/assets/none.js')).status).toBe(404);
    expect((await get('/api/v1/nowhere', { accept: 'text/html' })).headers.get('content-type')).toBe(
      'application/problem+json',
    );
  });

  test('a program that asks for the page reads how to sign in', async () => {
    const problem = await get('/');
    expect([problem.status, problem.headers.get('content-type')]).toEqual([401, 'application/problem+json']);
    expect(await problem.json()).toMatchObject({
      code: 'signed-out',
      detail: expect.stringMatching(/Authorization: Bearer TOKEN.*segmentd token add NAME.*segmentd serve/),
    });
  });

  test('without signing in one reads the document and where to begin, and no more', async () => {
    expect(await (await get('/api/v1/openapi.json')).json()).toMatchObject({ openapi: '3.1.0' });
    const index = (await (await get('/api/v1')).json()) as { links: Record<string, string> };
    expect(index.links).toMatchObject({ openapi: '/api/v1/openapi.json', segments: '/api/v1/segments' });
    for (const [name, link] of Object.entries(index.links))
      expect((await get(link)).status, link).toBe(['openapi', 'docs'].includes(name) ? 200 : 401);
  });

  test('a new link makes the one before worthless, and a wrong secret opens nothing', async () => {
    const first = server.signInLink().replace(server.url ?? '', '');
    const second = server.signInLink().replace(server.url ?? '', '');
    expect((await get(first)).status).toBe(403);
    expect((await get('/sign-in')).status).toBe(403);
    expect((await get('/sign-in?secret=')).status).toBe(403);
    expect((await get(second)).status).toBe(303);
  });
});

describe('tokens', () => {
  test('are made, used, listed and removed', async () => {
    const added = await world.run('token', 'add', 'reports', '--role', 'viewer', '--days', '1');
    expect(added).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('curl -H "Authorization: Bearer TOKEN" URL/api/v1/segments'),
    });
    const made = added.stdout.trim();
    expect(made).toMatch(/^sgd_[\w-]{43}$/);
    const bearer = { authorization: `Bearer ${made}` };
    expect(await (await get('/api/v1/me', bearer)).json()).toMatchObject({
      name: 'reports',
      role: 'viewer',
      by: 'token',
    });
    expect((await get('/api/v1/segments', bearer)).status).toBe(200);
    const write = await fetch(`${server.url ?? ''}/api/v1/segments`, {
      method: 'POST',
      headers: { ...bearer, 'content-type': 'application/json' },
      body: JSON.stringify({ key: 'no', condition: true }),
    });
    expect(write.status).toBe(403);
    expect(await world.json('token', 'list')).toMatchObject([
      { name: 'reports', role: 'viewer', used_at: expect.any(String) },
    ]);
    expect(await world.run('token', 'add', 'reports')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('already'),
    });
    const { rows } = await world.database.pool.query('select * from segmentd_internal.api_token');
    expect(JSON.stringify(rows)).not.toContain(made);
    expect(await world.run('token', 'remove', 'reports')).toMatchObject({ code: 0 });
    expect(await world.run('token', 'remove', 'reports')).toMatchObject({ code: 2 });
  });

  test('one that ended, an unknown one and none are refused', async () => {
    const made = await segmentd.access.addToken({ name: 'old', role: 'admin' });
    await world.database.pool.query(
      `update segmentd_internal.api_token set expires_at = clock_timestamp() - interval '1 second' where name = 'old'`,
    );
    for (const authorization of [`Bearer ${made}`, `Bearer sgd_${'x'.repeat(43)}`, 'Bearer x', 'Basic YTpi', ''])
      expect((await get('/api/v1/segments', authorization === '' ? {} : { authorization })).status).toBe(401);
  });
});

test('what a client asked for and left is cancelled in Postgres', async () => {
  const made = await segmentd.access.addToken({ name: 'impatient', role: 'editor' });
  // The preview waits for the table's lock, so it runs until it is cancelled.
  const blocker = await world.database.pool.connect();
  await blocker.query('begin; lock table public.contacts in access exclusive mode');
  const slow = request(`${server.url ?? ''}/api/v1/contacts/1/segments`, {
    headers: { authorization: `Bearer ${made}` },
  });
  slow.on('error', () => {});
  slow.end();
  // Not by the blocker: inside a transaction Postgres shows the activity of its first look again and again.
  const waiting = async () =>
    (
      await world.database.pool.query(
        `select from pg_catalog.pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and application_name like 'segmentd%'`,
      )
    ).rowCount;
  await until(async () => (await waiting()) === 1, { message: 'a query that waits' });
  slow.destroy();
  await until(async () => (await waiting()) === 0, { message: 'no query that waits' });
  await blocker.query('rollback');
  blocker.release();
});

test('an address that other machines reach is refused', () => {
  for (const host of ['0.0.0.0', '::', '192.168.1.4', 'example.com'])
    expect(() =>
      createPageServer({ segmentd, at: { host, port: 0 }, log: createLog(), owner: { name: 'a', role: 'viewer' } }),
    ).toThrow(/loopback/);
});

test('the worker serves the page with --serve, and ends both at a signal', async () => {
  const child = startCli([
    'run',
    '--serve',
    '--config',
    `${world.folder}/segmentd.yaml`,
    '--database-url',
    world.database.url,
  ]);
  const link = await child.line(/^http/);
  const signedIn = await fetch(link, { redirect: 'manual' });
  expect(signedIn.status).toBe(303);
  const [cookie = ''] = (signedIn.headers.get('set-cookie') ?? '').split(';');
  const status = await fetch(new URL('/api/v1/status', link), { headers: { cookie } });
  expect(await status.json()).toMatchObject({ workers: [{ pid: child.pid }] });
  expect(await child.kill('SIGTERM')).toMatchObject({ code: 0 });
  await expect(fetch(new URL('/', link))).rejects.toThrow();
});

test('the command prints a link that works, and ends at a signal', async () => {
  const child = startCli(['serve', '--config', `${world.folder}/segmentd.yaml`, '--database-url', world.database.url]);
  const link = await child.line(/^http/);
  expect(link).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/sign-in\?secret=[\w-]{43}$/);
  expect((await fetch(link, { redirect: 'manual' })).status).toBe(303);
  const curl = await child.line(/^curl .*\/api\/v1\/segments$/);
  const token = await segmentd.access.addToken({ name: 'curl', role: 'viewer' });
  const { stdout } = await promisify(execFile)('sh', ['-c', `${curl.replace('TOKEN', token)} --silent`]);
  expect(JSON.parse(stdout)).toMatchObject({ items: [], next: null });
  expect((await child.kill('SIGTERM')).code).toBe(0);
  await expect(fetch(link)).rejects.toThrow();
});
