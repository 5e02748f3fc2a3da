/** Two segments beside each other, in a real browser over a real database. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectGoodLooks, skipsBrowser, type Page } from '../support/browser.ts';
import { until } from '../support/until.ts';
import { createPageWorld, type PageWorld } from './page-world.ts';

const HOSTILE = '<img src=x onerror=alert(1)> שלום 🎉';

describe.skipIf(skipsBrowser)('comparing two segments', () => {
  let world: PageWorld;
  beforeAll(async () => {
    world = await createPageWorld();
    const { segments } = world.segmentd;
    await segments.create({ key: 'spain', name: 'Spain', condition: { '==': [{ var: 'country' }, 'ES'] } });
    await segments.create({ key: 'young', name: HOSTILE, condition: { '<': [{ var: 'age' }, 35] } });
    await segments.create({ key: 'none', condition: { '>': [{ var: 'age' }, 1_000] } });
    for (const key of ['spain', 'young', 'none']) await segments.untilLive(key);
  });
  afterAll(() => world.end());

  const figure = (page: Page, name: string) =>
    page.locator('.overlap .figures > div').filter({ hasText: name }).first().locator('.large');
  const keys = (page: Page) => page.locator('tbody tr td:last-child').allInnerTexts();

  test('both are chosen by the keyboard; numbers, shares and names follow', async () => {
    const page = await world.open('/compare', 'viewer');
    await page.getByRole('heading', { name: 'Choose two segments' }).waitFor();
    await expectGoodLooks(page, 'nothing chosen');
    await page.getByRole('combobox', { name: 'First segment' }).fill('spa');
    await page.getByRole('option', { name: /Spain/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/compare?a=spain');
    await page.getByRole('combobox', { name: 'Second segment' }).fill('onerror');
    await page.getByRole('option', { name: /onerror/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/compare?a=spain&b=young');
    await figure(page, 'In both').filter({ hasText: /^1$/ }).waitFor();
    await page.getByText('50% of Spain').first().waitFor();
    await page.getByText('33.3% of all in either').waitFor();
    await page.getByRole('img', { name: /Spain: 2 members.*In both: 1/ }).waitFor();
    await until(async () => (await keys(page)).join() === '1');
    await page.getByLabel('Which contacts').selectOption('first');
    await until(async () => (await keys(page)).join() === '3');
    await page.getByLabel('Which contacts').selectOption('second');
    await until(async () => (await keys(page)).join() === '2');
    await expect.poll(() => page.locator('main img').count()).toBe(0);
    await expectGoodLooks(page, 'compared');
    await page.goBack();
    await page.waitForURL('**/compare?a=spain');
    await page.getByRole('heading', { name: 'Choose two segments' }).waitFor();
  });

  test('a commit in the database shows; the two are swapped', async () => {
    const page = await world.open('/compare?a=spain&b=young', 'viewer');
    await figure(page, 'In both').filter({ hasText: /^1$/ }).waitFor();
    await world.world.database.query(`insert into public.contacts (country, age) values ('ES', 21)`);
    await figure(page, 'In both').filter({ hasText: /^2$/ }).waitFor();
    await page.getByRole('button', { name: 'Swap' }).click();
    await page.waitForURL('**/compare?a=young&b=spain');
    await figure(page, 'Only in Spain').filter({ hasText: /^1$/ }).waitFor();
  });

  test('a segment without members, the same one twice, and one that is not there', async () => {
    const page = await world.open('/compare?a=none&b=spain', 'viewer');
    await page.getByText('none has no members').first().waitFor();
    await page.getByText('There is none.').waitFor();
    await expectGoodLooks(page, 'an empty one');
    await page.goto(`${world.origin}/compare?a=spain&b=spain`);
    await page.getByText('This is the same segment twice.').waitFor();
    await page.goto(`${world.origin}/compare?a=spain&b=absent`);
    await page.getByRole('alert').first().waitFor();
    await expectGoodLooks(page, 'one that is not there');
  });
});
