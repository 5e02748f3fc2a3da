/**
 * A file of keys that becomes a static segment through the page: chosen in Chromium, sent part by part, until every key is a member.
 * Beside it the same keys as one stream, as the command line sends them.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { startBrowser } from '../support/browser.ts';
import { until } from '../support/until.ts';
import { startPage } from './bench-page.ts';
import { createWorld, type World } from './bench-world.ts';
import { MILLION, QUICK_MILLION } from './builder.ts';
import type { Context, Figure, Row } from './figure.ts';
import { median, percentile, timed } from './measure.ts';

const GIVE_UP_MS = 1_800_000;
/** Keys of one request. */
const PART = 10_000;

async function members(world: World, key: string, count: number): Promise<void> {
  await until(async () => (await world.segmentd.segments.show(key)).members === count, {
    timeout: GIVE_UP_MS,
    interval: 100,
    message: `${count} members of ${key}`,
  });
}

export const pageKeys: Figure = {
  title: 'A CSV file of 1,000,000 keys → a static segment, through the page in Chromium',
  long: true,
  async run(context: Context) {
    const size = context.quick ? QUICK_MILLION : MILLION;
    const world = await createWorld(context, size);
    const folder = await mkdtemp(join(tmpdir(), 'segmentd-keys-'));
    const keys = Array.from({ length: size.contacts }, (_, n) => `${n + 1}\n`);
    const file = join(folder, 'keys.csv');
    await writeFile(file, `id\n${keys.join('')}`);
    try {
      await world.startWorker();
      await world.segmentd.segments.create({ key: 'stream', kind: 'static' });
      const stream = await timed(async () => {
        await world.segmentd.overrides.writeStream('add', 'stream', Readable.from(keys));
        await members(world, 'stream', size.contacts);
      });
      const server = await startPage(world);
      const browser = await startBrowser();
      try {
        const page = await browser.newPage();
        page.setDefaultTimeout(GIVE_UP_MS);
        await page.goto(server.signInLink);
        await page.goto(`${server.origin}/segments/new`);
        await page.getByLabel('Name', { exact: true }).fill('Page');
        await page.getByLabel('Kind').selectOption('static');
        await page.getByLabel('Or a CSV file').setInputFiles(file);
        await page.getByText('First key: 1').waitFor();
        const parts: number[] = [];
        page.on('requestfinished', (request) => {
          if (request.url().endsWith('/segments/page/overrides')) parts.push(request.timing().responseEnd);
        });
        await page.getByRole('button', { name: 'Review and save' }).click();
        let sent = 0;
        const whole = await timed(async () => {
          sent = await timed(async () => {
            await page.getByRole('button', { name: 'Create', exact: true }).click();
            await page.waitForURL('**/segments/page');
          });
          await members(world, 'page', size.contacts);
        });
        if (parts.length !== size.contacts / PART) throw new Error(`${parts.length} parts were sent`);
        return [
          { measure: 'one stream, until all are members', value: stream / 1_000, unit: 's' },
          {
            measure: 'through the page, until all are members',
            value: whole / 1_000,
            unit: 's',
            beside: `${(sent / 1_000).toFixed(1)} s until the last part was answered`,
          },
          {
            measure: 'a part of 10,000 keys, p50',
            value: median(parts),
            unit: 'ms',
            beside: `p95 ${percentile(parts, 0.95).toFixed(0)} ms, the last ${(parts.at(-1) ?? 0).toFixed(0)} ms, of ${parts.length}`,
          },
          { measure: 'memory of the server', value: await server.memory(), unit: 'MB' },
        ] satisfies Row[];
      } finally {
        await browser.close();
        await server.stop();
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
      await world.drop();
    }
  },
};
