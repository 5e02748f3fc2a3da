/** The page in Firefox, once: signing in by the printed link, the list, a segment made with the keyboard, its members and a why. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { skipsBrowser } from '../support/browser.ts';
import { skipsFirefox, startFirefox, type Firefox } from '../support/firefox.ts';
import { createPageWorld, type PageWorld } from './page-world.ts';

const ENTER = '\uE007';

describe.skipIf(skipsFirefox || skipsBrowser)('Firefox', { timeout: 180_000 }, () => {
  let world: PageWorld;
  let firefox: Firefox;
  beforeAll(async () => {
    world = await createPageWorld();
    firefox = await startFirefox();
  }, 180_000);
  afterAll(async () => {
    await firefox.close();
    await world.end();
  });

  const text = () => firefox.evaluate<string>('return document.body.innerText');

  test('a segment is made, filled, and explains a member', async () => {
    await firefox.open(world.signInLink());
    await expect.poll(text).toContain('There are no segments yet');
    await firefox.open(`${world.origin}/segments/new`);
    await firefox.evaluate(`addEventListener('error', ({ message }) => (globalThis.fault = message))`);
    await firefox.type('Spain', 'input[placeholder="Loyal customers"]');
    await firefox.click('.adds button');
    await firefox.type('country');
    await firefox.type(ENTER);
    await firefox.type('ES', 'input[data-part="value"]');
    await expect.poll(text).toContain('Country is ES.');
    await expect.poll(text).toMatch(/2\s+in\s+· 2 out/);
    await firefox.evaluate(
      `[...document.querySelectorAll('button')].find((one) => one.textContent.startsWith('Review and save')).click()`,
    );
    await firefox.click('dialog[open] button.primary');
    await expect.poll(() => firefox.evaluate<string>('return location.pathname')).toBe('/segments/spain');
    await expect.poll(text).toMatch(/2 members now/);
    expect(await firefox.evaluate<unknown>('return globalThis.fault ?? null')).toBeNull();
    await firefox.open(`${world.origin}/segments/spain/contacts/1`);
    await expect.poll(text).toContain('stored and computed agree');
    await world.world.database.query(`update public.contacts set country = 'PT' where id = 1`);
    await expect.poll(text).toContain('Not a member');
    expect(await world.segmentd.admin.verify()).toMatchObject([{ missing: [], extra: [] }]);
  });
});
