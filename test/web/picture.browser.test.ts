/**
 * The pictures of README and the manual show the page as it is: what each names (headings, buttons, columns, labels) is stored beside
 * this test. `PICTURES=write npm test -- test/web/picture.browser.test.ts` takes them anew.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SAMPLE_SEGMENTS } from '../../src/dev/shop/sample-segments.ts';
import { skipsBrowser, type Page } from '../support/browser.ts';
import { until } from '../support/until.ts';
import { createPageWorld, type PageWorld } from './page-world.ts';

const FOLDER = fileURLToPath(new URL('../../src/picture/', import.meta.url));
const NAMES = fileURLToPath(new URL('picture/', import.meta.url));
interface Picture {
  readonly name: string;
  readonly path: string;
  /** Resolves once the page shows what the picture is for. */
  readonly ready: (page: Page) => Promise<unknown>;
}

const PICTURES: readonly Picture[] = [
  { name: 'list', path: '/segments', ready: (page) => page.getByRole('link', { name: 'VIP at risk' }).waitFor() },
  {
    name: 'segment',
    path: '/segments/loyal',
    ready: async (page) => {
      await page.getByText('first build').first().waitFor();
      await page.locator('canvas').first().waitFor();
    },
  },
  {
    name: 'why',
    path: '/segments/loyal/contacts/7',
    ready: (page) => page.getByText('stored and computed agree').waitFor(),
  },
  {
    name: 'builder',
    path: '/segments/loyal/edit',
    ready: async (page) => {
      // The days of the first window.
      const days = page.locator('input[inputmode="numeric"]').first();
      await days.fill('30');
      await page.getByText(/Counted exactly/).waitFor();
      await page.getByRole('heading', { name: 'Some who would leave' }).waitFor();
      await page.getByRole('heading', { name: 'Some who would be in' }).waitFor();
      await days.blur();
    },
  },
  {
    name: 'contact',
    path: '/contacts/7',
    ready: (page) => page.getByText('entered').first().waitFor(),
  },
  {
    name: 'compare',
    path: '/compare?a=loyal&b=iberia',
    ready: async (page) => {
      await page.getByText('In both', { exact: true }).first().waitFor();
      await page.getByRole('columnheader').first().waitFor();
    },
  },
  { name: 'status', path: '/status', ready: (page) => page.getByText('works', { exact: true }).waitFor() },
];

/** A quarter of the size of a PNG; playwright itself writes none. */
async function webpOf(page: Page): Promise<Buffer> {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 80 });
  return Buffer.from(data, 'base64');
}

/** What the page names, once each and without numbers and addresses of contacts, which differ from run to run. */
async function namesOn(page: Page): Promise<string> {
  const texts = await page
    .locator('h1, h2, h3, th, [role="columnheader"], button, [role="tab"], nav a, legend')
    .allInnerTexts();
  const names = texts.map((text) =>
    text
      .replaceAll(/\s+/g, ' ')
      .replaceAll(/\S+@\S+/g, '…@…')
      .replaceAll(/[\d.,]+/g, '0')
      .trim(),
  );
  return `${[...new Set(names.filter((text) => text !== ''))].join('\n')}\n`;
}

describe.skipIf(skipsBrowser)('the pictures', () => {
  let world: PageWorld;
  beforeAll(async () => {
    world = await createPageWorld({ shop: { contacts: 2_000, items: true } });
    const { segments } = world.segmentd;
    for (const sample of SAMPLE_SEGMENTS) await segments.create({ ...sample, tags: [...sample.tags] });
    await until(async () => (await segments.list()).every(({ state }) => state === 'live'), {
      timeout: 50_000,
      message: 'all segments live',
    });
  });
  afterAll(() => world.end());

  test.each(PICTURES)('$name', async ({ name, path, ready }) => {
    const page = await world.open(path, 'editor');
    await ready(page);
    const [names, picture] = [join(NAMES, `${name}.txt`), join(FOLDER, `${name}.webp`)];
    if (process.env['PICTURES'] === 'write') {
      await writeFile(names, await namesOn(page));
      await writeFile(picture, await webpOf(page));
    }
    const stored = await readFile(names, 'utf8');
    // A part of the page may come later than what the picture is for.
    await expect.poll(() => namesOn(page)).toBe(stored);
    expect((await readFile(picture)).toString('latin1', 8, 12)).toBe('WEBP');
  });
});
