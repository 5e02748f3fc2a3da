/**
 * How late an open page is: a commit moves one contact into a segment, and the page of that segment shows the new number. The worker, the
 * server and Chromium are processes of their own, and all of them share this machine's clock.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { startBrowser, type Page } from '../support/browser.ts';
import { until } from '../support/until.ts';
import { startPage } from './bench-page.ts';
import { createWorld } from './bench-world.ts';
import type { Context, Figure, Row } from './figure.ts';
import { commitLatency, median, percentile, timed } from './measure.ts';
import { benchSegments } from './segments.ts';

const GIVE_UP_MS = 60_000;
/** The first commits warm up plans and caches. */
const WARM_UP = 3;
/** Milliseconds over which commits are spread, so that they fall on every part of the server's poll. */
const SPREAD_MS = 1_500;

/** Keeps in `seenAt` when the page first showed each number of members, in milliseconds since 1970. */
const NOTE_NUMBERS = `(() => {
  const seenAt = (globalThis.seenAt = {});
  const note = () => {
    const shown = document.querySelector('.facts .figure b')?.textContent;
    if (shown) seenAt[shown] ??= Date.now();
  };
  new MutationObserver(note).observe(document.body, { subtree: true, childList: true, characterData: true });
  note();
})()`;

async function seenAt(page: Page, members: number): Promise<number> {
  const asked = `globalThis.seenAt[${JSON.stringify(String(members))}]`;
  return until(() => page.evaluate<number | undefined>(asked), {
    timeout: GIVE_UP_MS,
    interval: 20,
    message: `${members} members in the page`,
  });
}

export const pageSeen: Figure = {
  title: 'Commit of a change → the new number of members in an open page, Chromium, 100 segments',
  async run(context: Context) {
    const contacts = context.quick ? 10_000 : 100_000;
    const commits = context.quick ? 10 : 40;
    const world = await createWorld(context, { contacts, orders: contacts * 3 });
    try {
      await world.startWorker();
      await world.createSegments(benchSegments(context.quick ? 20 : 100));
      const commit = await commitLatency(world.pool);
      const server = await startPage(world);
      const browser = await startBrowser();
      try {
        const page = await browser.newPage();
        page.setDefaultTimeout(GIVE_UP_MS);
        await page.goto(server.signInLink);
        await page.goto(`${server.origin}/segments/probe-contact`);
        await page.locator('.facts .figure b').waitFor();
        await page.evaluate(NOTE_NUMBERS);
        // The ruler that Chromium itself is: one question to the page and its answer.
        const asked: number[] = [];
        for (let n = 0; n < 50; n++) asked.push(await timed(() => page.evaluate('1')));
        const late: number[] = [];
        for (let members = 1; members <= WARM_UP + commits; members++) {
          await delay(Math.random() * SPREAD_MS);
          await world.pool.query('update public.contacts set credit_limit = 1000000 where id = $1', [members]);
          const committed = Date.now();
          const seen = await seenAt(page, members);
          if (members > WARM_UP) late.push(Math.max(0, seen - committed));
        }
        return [
          { measure: 'commit latency of this disk', value: commit, unit: 'ms' },
          { measure: 'a question to the page and its answer', value: median(asked), unit: 'ms' },
          { measure: 'p50', value: percentile(late, 0.5), unit: 'ms' },
          {
            measure: 'p95',
            value: percentile(late, 0.95),
            unit: 'ms',
            wanted: { atMost: 1_500 },
            beside: `worst ${percentile(late, 1).toFixed(0)} ms of ${late.length} commits`,
          },
        ] satisfies Row[];
      } finally {
        await browser.close();
        await server.stop();
      }
    } finally {
      await world.drop();
    }
  },
};
