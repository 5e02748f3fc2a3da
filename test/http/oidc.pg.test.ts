/** `serve --auth oidc` against an OpenID provider over real sockets: signing in, roles by groups, answers that do not fit, the end. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createLog } from '../../src/base/log.ts';
import type { ForeignAuth } from '../../src/http/auth/way-in.ts';
import { createPageServer, type PageServer } from '../../src/http/page-server.ts';
import { createSegmentd, type Segmentd } from '../../src/index.ts';
import { createWorld, type World } from '../cli/cli-world.ts';
import { freePort } from '../support/proxy.ts';
import { CLIENT, cookieBrowser, oidcAuth, startProvider, type TestProvider } from './oidc-world.ts';

let world: World;
let segmentd: Segmentd;
let provider: TestProvider;
let server: PageServer;
let origin: string;

const authWith = (more: Partial<Extract<ForeignAuth, { way: 'oidc' }>> = {}): ForeignAuth => ({
  ...oidcAuth(origin, provider.issuer),
  ...more,
});

beforeAll(async () => {
  world = await createWorld();
  segmentd = createSegmentd({ databaseUrl: world.database.url, config: `${world.folder}/segmentd.yaml` });
  await segmentd.admin.migrate();
  await segmentd.admin.install();
  const port = await freePort();
  origin = `http://localhost:${port}`;
  provider = await startProvider(`${origin}/sign-in/callback`);
  server = createPageServer({
    segmentd,
    at: { host: '127.0.0.1', port },
    log: createLog({ level: 'silent' }),
    auth: authWith(),
  });
  await server.start();
});
afterAll(async () => {
  await server.stop();
  await provider.stop();
  await segmentd.close();
  await world.end();
});
beforeEach(() => {
  provider.denies = false;
  provider.person = { sub: 'u1', email: 'ana@example.com', email_verified: true, groups: ['staff', 'marketing'] };
});

const me = async (cookie: string): Promise<unknown> =>
  (await fetch(`${origin}/api/v1/me`, { headers: { cookie: `__Host-segmentd=${cookie}` } })).json();

async function signedIn(): Promise<string> {
  const browser = cookieBrowser();
  await browser.open(`${origin}/sign-in`);
  return browser.cookies(origin).get('__Host-segmentd') ?? '';
}

test('a stranger reads where to sign in', async () => {
  const answer = await fetch(`${origin}/api/v1/me`);
  expect(answer.status).toBe(401);
  expect(await answer.json()).toMatchObject({
    code: 'signed-out',
    detail: expect.stringContaining('/sign-in'),
    data: { auth: 'oidc', sign_in: '/sign-in' },
  });
});

test('a person signs in with state, nonce and PKCE, lands where the person wanted to go, and is known by the name of the claim', async () => {
  const browser = cookieBrowser();
  const { trail, url } = await browser.open(`${origin}/sign-in?to=${encodeURIComponent('/segments/spain?tab=events')}`);
  const asked = new URL(trail[1] ?? '').searchParams;
  expect(Object.fromEntries(asked)).toMatchObject({
    response_type: 'code',
    client_id: CLIENT.id,
    redirect_uri: `${origin}/sign-in/callback`,
    code_challenge_method: 'S256',
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    state: expect.stringMatching(/^[\w-]{43}$/),
    nonce: expect.stringMatching(/^[\w-]{43}$/),
  });
  expect(url).toBe(`${origin}/segments/spain?tab=events`);
  const value = browser.cookies(origin).get('__Host-segmentd') ?? '';
  expect(browser.received.find((one) => one.startsWith('__Host-segmentd='))).toMatch(
    /^__Host-segmentd=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
  );
  expect([...browser.cookies(origin).keys()]).toEqual(['__Host-segmentd']);
  expect(await me(value)).toEqual({
    name: 'ana@example.com',
    role: 'editor',
    by: 'session',
    rights: { edit: true, admin: false, reveal: true },
    sign_out: true,
  });
  expect(await segmentd.access.audit({ actor: 'ana@example.com', limit: 1 })).toMatchObject([
    { action: 'sign-in', way: 'oidc' },
  ]);
});

describe('the role comes from the groups', () => {
  test.each([
    [['ops', 'staff'], 'admin'],
    [['marketing'], 'editor'],
    ['staff', 'viewer'],
  ])('%j: %s', async (groups, role) => {
    provider.person = { ...provider.person, groups };
    expect(await me(await signedIn())).toMatchObject({ role });
  });

  test('a person without a group is refused, and has no session', async () => {
    provider.person = { ...provider.person, email: '<b>eve</b>@example.com', groups: ['guests', '*'] };
    const browser = cookieBrowser();
    const { status, text } = await browser.open(`${origin}/sign-in`);
    expect(status).toBe(403);
    expect(text).toContain('&lt;b&gt;eve&lt;/b&gt;@example.com, none of your groups gives a role here.');
    expect(browser.cookies(origin).get('__Host-segmentd')).toBeUndefined();
  });
});

test('an address that the provider has not verified is no name', async () => {
  provider.person = {
    sub: 'u7',
    email: 'boss@example.com',
    email_verified: false,
    preferred_username: 'eve',
    groups: ['staff'],
  };
  expect(await me(await signedIn())).toMatchObject({ name: 'eve' });
});

test('each sign-in makes a new session and ends the one before', async () => {
  const browser = cookieBrowser();
  await browser.open(`${origin}/sign-in`);
  const first = browser.cookies(origin).get('__Host-segmentd') ?? '';
  await browser.open(`${origin}/sign-in`);
  const second = browser.cookies(origin).get('__Host-segmentd') ?? '';
  expect(second).not.toBe(first);
  expect(await me(first)).toMatchObject({ status: 401 });
  expect(await me(second)).toMatchObject({ name: 'ana@example.com' });
  const out = await browser.open(`${origin}/sign-out`, {
    method: 'POST',
    headers: { accept: '*/*', 'sec-fetch-site': 'same-origin' },
  });
  expect(out.status).toBe(204);
  expect(browser.cookies(origin).size).toBe(0);
});

describe('an answer that does not fit is refused, and opens no session', () => {
  /** The answer of the provider, not yet taken by the page. */
  async function answered(): Promise<{ readonly browser: ReturnType<typeof cookieBrowser>; readonly answer: URL }> {
    const browser = cookieBrowser();
    const begun = await fetch(`${origin}/sign-in`, { redirect: 'manual' });
    const [pair = ''] = begun.headers.getSetCookie();
    browser.cookies(origin).set('__Host-segmentd-sign-in', pair.slice(pair.indexOf('=') + 1, pair.indexOf(';')));
    const provided = cookieBrowser();
    const visit = await provided.open(begun.headers.get('location') ?? '');
    return { browser, answer: new URL(visit.url) };
  }

  test('of a browser that did not begin it', async () => {
    const { answer } = await answered();
    const victim = cookieBrowser();
    expect(await victim.open(answer.href)).toMatchObject({
      status: 403,
      text: expect.stringContaining('another browser'),
    });
    expect(victim.cookies(origin).size).toBe(0);
  });

  test('with another state, nonce or verifier', async () => {
    for (const field of ['state', 'nonce', 'verifier']) {
      const { browser, answer } = await answered();
      const jar = browser.cookies(origin);
      const pending = JSON.parse(
        Buffer.from(jar.get('__Host-segmentd-sign-in') ?? '', 'base64url').toString(),
      ) as Record<string, string>;
      const other = { ...pending, [field]: 'x'.repeat(43) };
      jar.set('__Host-segmentd-sign-in', Buffer.from(JSON.stringify(other)).toString('base64url'));
      expect((await browser.open(answer.href)).status, field).toBe(503);
      expect(jar.get('__Host-segmentd'), field).toBeUndefined();
    }
  });

  test('with a code of its own making, or an issuer that is not ours', async () => {
    const { browser, answer } = await answered();
    const forged = new URL(answer);
    forged.searchParams.set('code', 'x'.repeat(43));
    expect((await browser.open(forged.href)).status).toBe(503);
    const second = await answered();
    const elsewhere = new URL(second.answer);
    elsewhere.searchParams.set('iss', 'https://evil.example');
    expect((await second.browser.open(elsewhere.href)).status).toBe(503);
  });

  test('of a person who said no', async () => {
    provider.denies = true;
    expect(await cookieBrowser().open(`${origin}/sign-in`)).toMatchObject({
      status: 403,
      text: expect.stringContaining('did not sign you in'),
    });
  });

  test.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    '/\u0000',
    'segments',
  ])('the sign-in leads nowhere else: %j', async (to) => {
    const { trail } = await cookieBrowser().open(`${origin}/sign-in?to=${encodeURIComponent(to)}`);
    expect(trail.at(-1)).toBe(`${origin}/`);
  });
});

test('a provider that is down does not keep the server from starting, and is asked again', async () => {
  const port = await freePort();
  const down = createPageServer({
    segmentd,
    at: { host: '127.0.0.1', port },
    log: createLog({ level: 'silent' }),
    auth: authWith({ publicUrl: `http://localhost:${port}`, issuer: `http://127.0.0.1:${await freePort()}` }),
  });
  await down.start();
  const answer = await fetch(`http://localhost:${port}/sign-in`, { redirect: 'manual' });
  expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining('Sign in again')]);
  await down.stop();
});

test('over plain HTTP beyond this machine no session can be kept and no answer believed, so the server is refused', () => {
  const serverWith = (more: Parameters<typeof authWith>[0]) =>
    createPageServer({ segmentd, at: { host: '0.0.0.0', port: 0 }, log: createLog(), auth: authWith(more) });
  expect(() => serverWith({ publicUrl: 'http://segments.example.com' })).toThrow(/--public-url must begin with https/);
  expect(() => serverWith({ issuer: 'http://login.example.com' })).toThrow(/--oidc-issuer must begin with https/);
});

test('the command says which option is missing', async () => {
  const run = (...argv: string[]) => world.run('serve', ...argv);
  expect(await run('--listen', '0.0.0.0:0')).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/loopback only.*--auth proxy or --auth oidc/),
  });
  expect(await run('--auth', 'oidc')).toMatchObject({ code: 2, stderr: expect.stringContaining('--viewer-groups') });
  expect(await run('--auth', 'oidc', '--viewer-groups', '*')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('needs --public-url'),
  });
  expect(await run('--auth', 'oidc', '--viewer-groups', '*', '--public-url', 'https://a.example')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('needs --oidc-issuer'),
  });
  expect(await run('--auth', 'other')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('must be one of loopback, proxy, oidc'),
  });
  expect(await run('--auth', 'oidc', '--public-url', 'https://a.example/page')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('without a path'),
  });
});
