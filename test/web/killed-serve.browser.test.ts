/** `segmentd serve` as a process of its own, killed under an open page and started anew: nothing is missed, and the session goes on. */
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { skipsBrowser, watchPage } from '../support/browser.ts';
import { startCli, type CliProcess } from '../support/process.ts';
import { createPageWorld, type PageWorld } from './page-world.ts';

/** A free port of this machine. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Keeps every moment since which the page says that the server does not answer, also one that is shown for an instant. */
const NOTE_SINCE = `(() => {
  const sinces = (globalThis.sinces = new Set());
  new MutationObserver(() => {
    const shown = document.querySelector('.connection time');
    if (shown) sinces.add(shown.title);
  }).observe(document.body, { subtree: true, childList: true, attributes: true });
})()`;

describe.skipIf(skipsBrowser)('a killed serve', { timeout: 240_000 }, () => {
  let world: PageWorld;
  const serving = new Set<CliProcess>();
  beforeAll(async () => {
    world = await createPageWorld();
    await world.segmentd.segments.create({
      key: 'spain',
      name: 'Spain',
      condition: { '==': [{ var: 'country' }, 'ES'] },
    });
    await world.segmentd.segments.untilLive('spain');
  });
  afterAll(async () => {
    for (const child of serving) await child.kill('SIGKILL');
    await world.end();
  });

  async function serve(port: number): Promise<{ readonly child: CliProcess; readonly link: string }> {
    const config = join(world.world.folder, 'segmentd.yaml');
    const { url } = world.world.database;
    const child = startCli(['serve', '--listen', `127.0.0.1:${port}`, '--database-url', url, '--config', config]);
    serving.add(child);
    return { child, link: await child.line(/^http:\/\/127\.0\.0\.1:\d+\/sign-in/, 120_000) };
  }

  test('the page says so, keeps what it shows and what is typed, and shows what happened meanwhile', async () => {
    const port = await freePort();
    const first = await serve(port);
    const origin = `http://127.0.0.1:${port}`;
    const context = await world.browser.newContext();
    const [page, draft] = [await context.newPage(), await context.newPage()];
    const faults = [page, draft].map((one) => watchPage(one, origin).faults);
    await page.goto(first.link);
    await page.goto(`${origin}/segments/spain`);
    const members = page.locator('.facts .figure b');
    await expect.poll(() => members.textContent()).toBe('2');
    await draft.goto(`${origin}/segments/new`);
    await draft.getByLabel('Name', { exact: true }).fill('Typed before');
    await page.evaluate(NOTE_SINCE);

    await first.child.kill('SIGKILL');
    await page.getByText('The server does not answer', { exact: false }).first().waitFor();
    await expect.poll(() => members.textContent()).toBe('2');
    expect(await page.evaluate<readonly string[]>('[...globalThis.sinces]')).toHaveLength(1);
    await draft.getByLabel('Name', { exact: true }).fill('Typed meanwhile');
    await world.world.database.query(`update public.contacts set country = 'ES' where id = 2`);
    await world.segmentd.admin.wait();

    await serve(port);
    await expect.poll(() => members.textContent()).toBe('3');
    await page.getByText('The server does not answer', { exact: false }).waitFor({ state: 'detached' });
    await expect.poll(() => draft.getByLabel('Name', { exact: true }).inputValue()).toBe('Typed meanwhile');
    // The stream is back too: a further change shows without a reload.
    await world.world.database.query(`update public.contacts set country = 'PT' where id = 1`);
    await expect.poll(() => members.textContent()).toBe('2');
    expect(await world.segmentd.admin.verify()).toMatchObject([{ missing: [], extra: [] }]);
    expect(faults.flat()).toEqual([]);
    await context.close();
  });
});
