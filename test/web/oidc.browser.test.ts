/** Signing in at an OpenID provider with a real browser: the page leads there, the person comes back to where it was, and leaves again. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLog } from '../../src/base/log.ts';
import { createPageServer, type PageServer } from '../../src/http/page-server.ts';
import { oidcAuth, startProvider, type TestProvider } from '../http/oidc-world.ts';
import { expectGoodLooks, skipsBrowser } from '../support/browser.ts';
import { freePort } from '../support/proxy.ts';
import { jsonOf, typeJson } from './builder/builder-steps.ts';
import { createPageWorld, type PageWorld } from './page-world.ts';

describe.skipIf(skipsBrowser)('signing in by OpenID Connect', { timeout: 180_000 }, () => {
  let world: PageWorld;
  let provider: TestProvider;
  let server: PageServer;
  let origin: string;

  beforeAll(async () => {
    world = await createPageWorld({ worker: false });
    const port = await freePort();
    origin = `http://localhost:${port}`;
    provider = await startProvider(`${origin}/sign-in/callback`);
    provider.person = { sub: 'u1', email: 'ana@example.com', email_verified: true, groups: ['staff', 'marketing'] };
    server = createPageServer({
      segmentd: world.segmentd,
      at: { host: '127.0.0.1', port },
      log: createLog({ level: 'silent' }),
      auth: oidcAuth(origin, provider.issuer),
    });
    await server.start();
  });
  afterAll(async () => {
    await server.stop();
    await provider.stop();
    await world.end();
  });

  test('a stranger signs in, lands at the address that was asked for, stands in the menu, and signs out', async () => {
    const context = await world.browser.newContext();
    const page = await context.newPage();
    await page.goto(`${origin}/contacts?find=a`);
    await page.getByText('You are not signed in.').waitFor();
    await expectGoodLooks(page, 'signed out of oidc');
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByText('ana@example.com (editor)').waitFor();
    expect(page.url()).toBe(`${origin}/contacts?find=a`);
    const [cookie] = await context.cookies(origin);
    expect(cookie).toMatchObject({ name: '__Host-segmentd', httpOnly: true, secure: true, sameSite: 'Lax', path: '/' });
    await page.getByText('ana@example.com (editor)').click();
    await page.getByText('You can look at segments and change them.').waitFor();
    await expectGoodLooks(page, 'signed in by oidc');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are not signed in.').waitFor();
    expect(await context.cookies(origin)).toEqual([]);
    await context.close();
  });

  test('a session that ends under a draft does not take the draft along', async () => {
    const context = await world.browser.newContext();
    const page = await context.newPage();
    await page.goto(`${origin}/segments/new`);
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: '+ Condition', exact: true }).waitFor();
    const json = { and: [{ '==': [{ var: 'country' }, 'ES'] }] };
    await typeJson(page, json);
    await page.getByLabel('Name', { exact: true }).fill('Kept');
    await world.world.database.query('delete from segmentd_internal.web_session');
    // The page hears of it when its stream is opened again.
    await server.stop();
    await page.getByText(/The server does not answer since/).waitFor();
    await server.start();
    await page.getByText('You are not signed in.').waitFor();
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByText('ana@example.com (editor)').waitFor();
    await expect.poll(() => page.getByLabel('Name', { exact: true }).inputValue()).toBe('Kept');
    expect(await jsonOf(page)).toEqual(json);
    await context.close();
  });

  test('a provider that refuses leads back to a page that says so', async () => {
    provider.denies = true;
    const context = await world.browser.newContext();
    const page = await context.newPage();
    await page.goto(`${origin}/segments`);
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.waitForURL(/sign-in\/callback/);
    await expect.poll(() => page.locator('body').innerText()).toMatch(/sign/i);
    provider.denies = false;
    await context.close();
  });
});
