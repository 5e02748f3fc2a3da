/** The frame of the page: signing in, finding one's way, an address that leads nowhere, what is loaded first. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectGoodLooks, skipsBrowser } from '../support/browser.ts';
import { createPageWorld, type PageWorld } from './page-world.ts';

describe.skipIf(skipsBrowser)('the frame', () => {
  let world: PageWorld;
  beforeAll(async () => {
    world = await createPageWorld({ worker: false });
  });
  afterAll(() => world.end());

  test('a stranger reads how to sign in', async () => {
    const page = await world.open('/segments', null);
    await page.getByText('You are not signed in.').waitFor();
    await expectGoodLooks(page, 'signed out');
  });

  test('the link signs in, and the button signs out', async () => {
    const page = await world.open('/', 'editor');
    await page.getByText('ana (editor)').waitFor();
    await expectGoodLooks(page, 'empty list');
    await page.getByText('ana (editor)').click();
    await expectGoodLooks(page, 'open menu');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Sign out' }).waitFor({ state: 'hidden' });
    await page.getByText('ana (editor)').click();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are not signed in.').waitFor();
  });

  test('the check of looks finds what is wrong in one look alone', async () => {
    const page = await world.open('/segments', 'viewer');
    const heading = page.getByRole('heading', { name: 'Segments', exact: true });
    await heading.waitFor();
    const faults = {
      // A style sheet is in force at once; a listener of the theme hears of it later than the check.
      'faulty, dark:': `const sheet = new CSSStyleSheet();
        sheet.replaceSync('@media (prefers-color-scheme: dark) { h1 { color: #222 } }');
        document.adoptedStyleSheets = [sheet]`,
      'faulty, narrow: wider than the window': `document.querySelector('main').insertAdjacentHTML('beforeend', '<div id="wide">wide</div>');
        document.querySelector('#wide').style.minWidth = '600px'`,
      'faulty, light:': `document.querySelector('main').append(document.createElement('button'))`,
    };
    for (const [fault, make] of Object.entries(faults)) {
      await page.reload();
      await heading.waitFor();
      await page.evaluate(make);
      await expect(expectGoodLooks(page, 'faulty')).rejects.toThrow(fault);
    }
  });

  test('a read that was one too many at its moment is asked again', async () => {
    const page = await world.open('/nowhere', 'viewer');
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    const asked: string[] = [];
    await page.route('**/api/v1/me', (route) =>
      asked.push(route.request().url()) > 2
        ? route.continue()
        : route.fulfill({
            status: 429,
            contentType: 'application/problem+json',
            body: JSON.stringify({ code: 'too-many', detail: 'Too many requests: wait 1 s.' }),
          }),
    );
    await page.reload();
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    expect(asked.length).toBe(3);
  });

  test('an address that leads nowhere says so', async () => {
    const page = await world.open('/nowhere', 'viewer');
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    await page.getByRole('link', { name: 'All segments' }).click();
    await page.waitForURL('**/segments');
    await page.getByRole('heading', { name: 'Segments', exact: true }).waitFor();
    // Who cannot see the page hears where it is.
    await expect.poll(() => page.evaluate('document.activeElement?.tagName')).toBe('H1');
    await expect.poll(() => page.title()).toBe('Segments · segmentd');
  });

  test('the keyboard skips the bar, opens the list of keys, and finds the search; keys can be turned off', async () => {
    const page = await world.open('/segments?search=none', 'viewer');
    await page.getByRole('heading', { name: 'No segment fits' }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate('document.activeElement?.id')).toBe('main');
    await page.keyboard.press('/');
    await page.keyboard.type('?x');
    await expect.poll(() => page.getByLabel('Search segments').inputValue()).toBe('?x');
    await page.getByRole('heading', { name: 'Segments', exact: true }).click();
    await page.keyboard.press('?');
    const sheet = page.getByRole('dialog', { name: 'Keys' });
    await sheet.waitFor();
    await expectGoodLooks(page, 'keys');
    await sheet.getByRole('checkbox').uncheck();
    await page.keyboard.press('Escape');
    await sheet.waitFor({ state: 'hidden' });
    await page.getByRole('heading', { name: 'Segments', exact: true }).click();
    await page.keyboard.press('?');
    await page.keyboard.press('/');
    await expect.poll(() => sheet.isVisible()).toBe(false);
    await expect.poll(() => page.evaluate('document.activeElement?.tagName')).not.toBe('INPUT');
  });
});
