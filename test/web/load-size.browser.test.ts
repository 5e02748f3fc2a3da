/** What a browser loads of the page's code: for the list, for the builder, and for the chart when a segment has one. Bytes as they travel. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectAccessible, skipsBrowser, type Page } from '../support/browser.ts';
import { SENTENCE } from './builder/builder-steps.ts';
import { createPageWorld, type PageWorld } from './page-world.ts';

const KB = 1024;
/** What the builder loads after it can be used. */
const LATER = /\/assets\/(draft-check|draft-aside|json-view|save-dialog|sql-view|static-members)-/;

describe.skipIf(skipsBrowser)('code that is loaded', () => {
  let world: PageWorld;
  beforeAll(async () => {
    world = await createPageWorld();
    await world.segmentd.segments.create({ key: 'spain', condition: { '==': [{ var: 'country' }, 'ES'] } });
    await world.segmentd.segments.untilLive('spain');
  });
  afterAll(() => world.end());

  const namesOf = (page: Page): Promise<string[]> =>
    page.evaluate<string[]>(
      `performance.getEntriesByType('resource').map((one) => new URL(one.name).pathname).filter((path) => path.startsWith('/assets/'))`,
    );

  /** Compressed bytes of files, each counted once. */
  async function bytesOf(names: readonly string[]): Promise<number> {
    let bytes = 0;
    for (const name of new Set(names)) {
      const answer = await fetch(`${world.origin}${name}`, { headers: { 'accept-encoding': 'gzip' } });
      expect([answer.status, answer.headers.get('content-encoding')], name).toEqual([200, 'gzip']);
      bytes += Number(answer.headers.get('content-length'));
    }
    if (process.env['SAY_FIGURES'] === 'true')
      process.stdout.write(`${expect.getState().currentTestName}: ${bytes} bytes in ${new Set(names).size} files\n`);
    return bytes;
  }

  test('the list, and who is not signed in, load at most 44 KB', async () => {
    for (const role of [null, 'viewer'] as const) {
      const page = await world.open('/segments', role);
      await page.getByText(role === null ? 'You are not signed in.' : '1 segment').waitFor();
      const names = await namesOf(page);
      expect(names.length).toBeGreaterThanOrEqual(2);
      const bytes = await bytesOf(names);
      expect(bytes).toBeGreaterThan(5_000);
      expect(bytes).toBeLessThanOrEqual(44 * KB);
    }
  });

  test('the builder can be used after at most 70 KB in all; the rest comes by itself, and then no server is needed', async () => {
    const page = await world.open('/status', 'editor');
    const held: string[] = [];
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    await page.route(LATER, async (route) => {
      held.push(route.request().url());
      await released;
      await route.continue();
    });
    await page.goto(`${world.origin}/segments/new`);
    // Conditions are added and chosen while nothing else comes.
    await page.getByRole('button', { name: '+ Condition', exact: true }).click();
    await page.keyboard.type('age');
    await page.keyboard.press('Enter');
    await page.getByLabel('Value', { exact: true }).fill('20');
    await page.getByText('Reading the condition…').waitFor();
    const bytes = await bytesOf(await namesOf(page));
    expect(bytes).toBeGreaterThan(20 * KB);
    expect(bytes).toBeLessThanOrEqual(70 * KB);

    // The checker, and what stands beside the rows.
    await expect.poll(() => held.length).toBe(2);
    release();
    await page.locator(SENTENCE).getByText('20').waitFor();
    const later = async () => (await namesOf(page)).flatMap((name) => LATER.exec(name)?.[1] ?? []).toSorted();
    await expect
      .poll(later)
      .toEqual(['draft-aside', 'draft-check', 'json-view', 'save-dialog', 'sql-view', 'static-members']);

    await page.context().setOffline(true);
    await page.getByLabel('Value', { exact: true }).fill('');
    await page.locator(SENTENCE).getByText('Enter a value.').waitFor();
    await page.getByLabel('Value', { exact: true }).fill('30');
    await page.locator(SENTENCE).getByText('30').waitFor();
    await page.getByRole('tab', { name: 'JSON' }).click();
    expect(JSON.parse(await page.getByLabel('JsonLogic').inputValue())).toEqual({
      and: [{ '==': [{ var: 'age' }, 30] }],
    });
    await page.context().setOffline(false);
  });

  test('a part that the server does not have any more says that the page is older, and the draft stays', async () => {
    const page = await world.open('/status', 'editor');
    // As after an upgrade: the server knows neither this part nor the script that the page began with.
    await page.route(/\/assets\/save-dialog-/, (route) => route.continue({ url: `${world.origin}/assets/older.js` }));
    await page.goto(`${world.origin}/segments/new`);
    await page.getByLabel('Name', { exact: true }).fill('Kept');
    await page.getByRole('button', { name: '+ Condition', exact: true }).click();
    await page.keyboard.type('country');
    await page.keyboard.press('Enter');
    await page.getByLabel('Value', { exact: true }).fill('ES');
    await page.locator(SENTENCE).getByText('ES').waitFor();
    await page.route(`${world.origin}/`, async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, body: (await answer.text()).replace(/main-\w+\.js/, 'main-NEWER.js') });
    });
    await page.getByRole('button', { name: 'Review and save' }).click();
    await page.getByText('The server has a newer version of this page.').waitFor();
    await expectAccessible(page, 'a part of a newer version');
    await page.unrouteAll();
    page.once('dialog', (question) => void question.accept());
    await page.getByRole('button', { name: 'Load again' }).click();
    await page.getByRole('button', { name: 'Review and save' }).click();
    await page.getByRole('dialog').getByText('Kept').waitFor();
  });

  test('the chart comes when it is drawn, with at most 30 KB', async () => {
    const page = await world.open('/segments/spain', 'viewer');
    await page.locator('canvas').first().waitFor();
    const names = await namesOf(page);
    const charts = names.filter((name) => /size-plot/i.test(name));
    expect(charts).toHaveLength(1);
    expect(await bytesOf(charts)).toBeLessThanOrEqual(30 * KB);
    // Nothing of it came with the list.
    const list = await world.open('/segments', 'viewer');
    await list.getByText('1 segment').waitFor();
    expect((await namesOf(list)).filter((name) => charts.includes(name))).toEqual([]);
  });
});
