/** Finding a contact, and the page of one, in a real browser over a real database. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectGoodLooks, skipsBrowser } from '../support/browser.ts';
import { createPageWorld, type PageWorld } from './page-world.ts';

const HOSTILE = '<img src=x onerror=alert(1)> שלום 🎉';
const CONFIG = `
contacts: { table: public.contacts, key: id, created: created_at, display: [{ email: masked }, country] }
relations: { orders: { table: public.orders, contact: contact_id, time: placed_at } }
timezone: Europe/Madrid
`;

describe.skipIf(skipsBrowser)('contacts', () => {
  let world: PageWorld;
  beforeAll(async () => {
    world = await createPageWorld({ config: CONFIG });
    const { query } = world.world.database;
    await query(`insert into public.contacts (email, country, age) values ($1, $1, 60)`, [HOSTILE]);
    await query(
      `insert into public.contacts (email, country) select 'p' || n || '@many', 'XX' from generate_series(1, 80) n`,
    );
    const { segments, overrides } = world.segmentd;
    await segments.create({ key: 'spain', name: 'Spain', condition: { '==': [{ var: 'country' }, 'ES'] } });
    await segments.create({ key: 'old', name: HOSTILE, condition: { '>': [{ var: 'age' }, 50] } });
    await segments.untilLive('spain');
    await segments.untilLive('old');
    await overrides.include('old', ['1'], { note: 'She asked for it' });
  });
  afterAll(() => world.end());

  test('a contact is found by key and by a column; the address keeps the search, more are read on request', async () => {
    const page = await world.open('/contacts', 'viewer');
    await page.getByRole('button', { name: 'Show more' }).waitFor();
    const rows = page.locator('tbody tr');
    const before = await rows.count();
    await page.getByRole('button', { name: 'Show more' }).click();
    await rows.nth(before).waitFor();
    await expect.poll(() => rows.count()).toBe(85);
    await expect.poll(() => page.locator('main img').count()).toBe(0);
    await expectGoodLooks(page, 'contacts');
    await page.getByLabel('Find a contact').fill('PT');
    await page.waitForURL('**/contacts?find=PT');
    await rows.nth(1).waitFor({ state: 'hidden' });
    await expect.poll(() => rows.first().innerText()).toMatch(/PT\s+2/);
    await page.getByLabel('Find a contact').fill('no such contact');
    await page.getByRole('heading', { name: 'No contact fits' }).waitFor();
    await expectGoodLooks(page, 'no contact');
    await page.getByLabel('Find a contact').fill('3');
    await page.getByRole('cell', { name: '3', exact: true }).waitFor();
    await rows.nth(1).waitFor({ state: 'hidden' });
    await rows.first().getByRole('link').click();
    await page.waitForURL('**/contacts/3');
    await page.getByRole('heading', { name: 'In 1 segment' }).waitFor();
    await page.goBack();
    await page.waitForURL('**/contacts?find=3');
    await expect.poll(() => page.getByLabel('Find a contact').inputValue()).toBe('3');
  });

  test('masked values show in full only to who has the right, on request, and the audit notes it', async () => {
    const viewer = await world.open('/contacts/1', 'viewer');
    await viewer.getByText('Personal values are masked.').waitFor();
    await expect.poll(() => viewer.getByText('a@x', { exact: true }).count()).toBe(0);
    const editor = await world.open('/contacts/1', 'editor');
    await editor.getByRole('button', { name: 'Show masked values' }).click();
    await editor.getByRole('heading', { name: 'a@x' }).waitFor();
    await expectGoodLooks(editor, 'revealed');
    await editor.getByRole('button', { name: 'Mask values' }).click();
    await editor.getByRole('heading', { name: 'a@x' }).waitFor({ state: 'hidden' });
    const admin = await world.open('/audit?action=reveal', 'admin');
    await admin.getByRole('cell', { name: 'showed masked values' }).waitFor();
  });

  test('its page says where it is in, since when and why, what a person decided, and what happens as it happens', async () => {
    const page = await world.open('/contacts/1', 'viewer');
    await page.getByRole('heading', { name: 'In 2 segments' }).waitFor();
    await page.getByText('She asked for it').waitFor();
    await expect
      .poll(() => page.getByRole('link', { name: 'Why it is in Spain' }).getAttribute('href'))
      .toBe('/segments/spain/contacts/1');
    await expectGoodLooks(page, 'a contact');
    await world.world.database.query(`update public.contacts set country = 'FR' where id = 1`);
    await page.getByRole('heading', { name: 'In 1 segment' }).waitFor();
    await page.getByText('left', { exact: true }).waitFor();
    await page.getByRole('combobox', { name: 'Segment to ask about' }).fill('spa');
    await page.getByRole('option', { name: /Spain/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/segments/spain/contacts/1');
  });

  test('a contact that is not there says so', async () => {
    const page = await world.open('/contacts/987654', 'viewer');
    await page.getByText('The contacts table has no contact').waitFor();
    await page.getByRole('heading', { name: 'In no segment' }).waitFor();
    await expectGoodLooks(page, 'no such contact');
    await page.goto(`${world.origin}/contacts/not%20a%20key`);
    await page.locator('main .note').first().waitFor();
    await expectGoodLooks(page, 'not a key');
  });
});
