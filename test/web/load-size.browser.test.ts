/** What a browser loads of the page's code: for the list, for the builder, and for the chart when a segment has one. Bytes as they travel. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { skipsBrowser, type Page } from '../support/browser.ts';
import { createPageWorld, type PageWorld } from './page-world.ts';

const KB = 1024;

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

  test('the list, and who is not signed in, load at most 45 KB', async () => {
    for (const role of [null, 'viewer'] as const) {
      const page = await world.open('/segments', role);
      await page.getByText(role === null ? 'You are not signed in.' : '1 segment').waitFor();
      const names = await namesOf(page);
      expect(names.length).toBeGreaterThanOrEqual(2);
      const bytes = await bytesOf(names);
      expect(bytes).toBeGreaterThan(5_000);
      expect(bytes).toBeLessThanOrEqual(45 * KB);
    }
  });

  test('the builder adds at most 70 KB', async () => {
    const list = await world.open('/segments', 'editor');
    await list.getByText('1 segment').waitFor();
    const before = new Set(await namesOf(list));
    const page = await world.open('/segments/new', 'editor');
    await page.getByRole('button', { name: '+ Condition', exact: true }).waitFor();
    const more = (await namesOf(page)).filter((name) => !before.has(name));
    expect(more.length).toBeGreaterThan(0);
    const bytes = await bytesOf(more);
    expect(bytes).toBeGreaterThan(20 * KB);
    expect(bytes).toBeLessThanOrEqual(70 * KB);
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
