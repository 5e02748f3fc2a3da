/** The members of a segment: read as one scrolls, found, filtered, as of a moment, kept up to date while one looks. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectGoodLooks, skipsBrowser, type Page } from '../../support/browser.ts';
import { until } from '../../support/until.ts';
import { createPageWorld, type PageWorld } from '../page-world.ts';

const MEMBERS = 1_500;

describe.skipIf(skipsBrowser)('the members of a segment', () => {
  let world: PageWorld;
  beforeAll(async () => {
    world = await createPageWorld();
    const { pool } = world.world.database;
    await pool.query(
      `insert into public.contacts (email, country, age) select 'person' || n || '@example.com', 'FR', n % 90 from generate_series(1, $1) n`,
      [MEMBERS],
    );
    await pool.query(
      `insert into public.contacts (email, country, age) values ('<img src=x onerror=alert(1)>', 'FR', 5), ('‮قطاع‬🛒', 'FR', 6)`,
    );
    const { segments } = world.segmentd;
    await segments.create({ key: 'france', name: 'France', condition: { '==': [{ var: 'country' }, 'FR'] } });
    await segments.untilLive('france');
  });
  afterAll(() => world.end());

  const opened = async (path = '/segments/france'): Promise<Page> => {
    const page = await world.open(path, 'editor');
    await page.locator('.member-rows tbody a').first().waitFor();
    return page;
  };
  const rows = (page: Page) => page.locator('.member-rows tbody tr[data-row]');
  const now = async (page: Page): Promise<string> => page.locator('.facts b').innerText();

  test('of many members only those in sight are in the page, and the last is reached', async () => {
    const page = await opened();
    await expectGoodLooks(page, 'members');
    await expect.poll(() => rows(page).count()).toBeLessThan(80);
    await page.locator('.member-rows tbody a').first().focus();
    // Rows are loaded as one goes: End leads to the last that is known.
    await until(async () => {
      await page.keyboard.press('End');
      return (await page.getByText(`${(MEMBERS + 2).toLocaleString('en')} rows`, { exact: true }).count()) > 0;
    });
    await page.keyboard.press('End');
    await page.locator(`tr[data-row="${MEMBERS + 1}"] a`).waitFor();
    await expect.poll(() => rows(page).count()).toBeLessThan(80);
    await page.keyboard.press('Home');
    await page.locator('tr[data-row="0"] a:focus').waitFor();
  });

  test('a contact is found by key and by e-mail, and who is not there is said', async () => {
    const page = await opened();
    const search = page.getByRole('searchbox', { name: 'Find a contact' });
    await search.fill('17');
    await until(
      async () => (await rows(page).count()) === 1 && (await rows(page).first().innerText()).startsWith('17'),
    );
    await search.fill('person29@example.com');
    await until(
      async () => (await rows(page).count()) === 1 && (await rows(page).first().innerText()).includes('@example.com'),
    );
    await search.fill('nothing like this');
    await page.getByText('No such contact is among them.').waitFor();
    await expectGoodLooks(page, 'no contact found');
  });

  test('columns are chosen, and kept in this browser', async () => {
    const page = await opened();
    await page.getByRole('button', { name: 'Columns…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Columns' });
    await dialog.getByRole('checkbox', { name: 'Age', exact: true }).check();
    await expectGoodLooks(page, 'columns');
    await page.keyboard.press('Escape');
    await page.getByRole('columnheader', { name: 'Age' }).waitFor();
    await page.reload();
    await page.getByRole('columnheader', { name: 'Age' }).waitFor();
    await page.getByRole('button', { name: 'Columns…' }).click();
    await dialog.getByRole('button', { name: 'As the team displays' }).click();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('columnheader', { name: 'Age' }).waitFor({ state: 'detached' });
  });

  test('personal values are masked until they are revealed', async () => {
    const page = await opened();
    await expect.poll(() => rows(page).first().innerText()).toContain('•••');
    await page.getByLabel('Reveal personal values').check();
    await until(async () => (await rows(page).first().innerText()).includes('person1@example.com'));
    const viewer = await world.open('/segments/france', 'viewer');
    await rows(viewer).first().waitFor();
    await expect.poll(() => viewer.getByLabel('Reveal personal values').count()).toBe(0);
  });

  test('a member leaves while one looks, and the page says so by itself', async () => {
    const page = await opened();
    const before = await now(page);
    const { pool } = world.world.database;
    const { rows: some } = await pool.query<{ id: string }>(
      `select id::text from public.contacts where email = 'person1@example.com'`,
    );
    const id = some[0]?.id ?? '';
    await page.locator('.member-rows').getByRole('link', { name: id, exact: true }).waitFor();
    await pool.query(`update public.contacts set country = 'IT' where id = $1`, [id]);
    await page.locator('.member-rows').getByRole('link', { name: id, exact: true }).waitFor({ state: 'detached' });
    await until(async () => (await now(page)) !== before);
    await page.getByRole('link', { name: 'Events' }).click();
    await page
      .locator('.events li', { hasText: `(${id})` })
      .first()
      .getByText('left')
      .waitFor();
    await page.locator('.events li', { hasText: 'because the contact changed' }).first().waitFor();
    await expectGoodLooks(page, 'events');
    await pool.query(`update public.contacts set country = 'FR' where id = $1`, [id]);
    await page
      .locator('.events li', { hasText: `(${id})` })
      .first()
      .getByText('entered')
      .waitFor();
  });

  test('the slider shows who was in at a moment, by keyboard, and Now leads back', async () => {
    const { pool } = world.world.database;
    const { segments } = world.segmentd;
    await segments.create({ key: 'moved', condition: { '==': [{ var: 'country' }, 'XX'] } });
    await segments.untilLive('moved');
    await pool.query(`insert into public.contacts (email, country) values ('x1@x', 'XX'), ('x2@x', 'XX')`);
    await until(async () => (await segments.show('moved')).members === 2);
    const { rows: times } = await pool.query<{ at: Date }>(
      `select max(e.at) as at from segmentd.membership_event e join segmentd.segment s on s.id = e.segment_id where s.key = 'moved'`,
    );
    const middle = times[0]?.at ?? new Date();
    await pool.query(`delete from public.contacts where email = 'x1@x'`);
    await pool.query(`insert into public.contacts (email, country) values ('x3@x', 'XX')`);
    await until(async () => {
      const { rows: moves } = await pool.query<{ count: string }>(
        `select count(*) from segmentd.membership_event e join segmentd.segment s on s.id = e.segment_id where s.key = 'moved'`,
      );
      return moves[0]?.count === '4';
    });
    const at = new Date(middle.getTime() + 1).toISOString();
    const page = await opened(`/segments/moved?at=${encodeURIComponent(at)}`);
    await page.getByText(/1 of them have left since, 1 are new/).waitFor();
    await until(async () => (await rows(page).count()) === 2);
    await expectGoodLooks(page, 'as of');
    await page.getByLabel('Show').selectOption('left');
    await until(async () => (await rows(page).count()) === 1);
    await page.getByLabel('Show').selectOption('new');
    await until(async () => (await rows(page).count()) === 1);
    await page.getByRole('button', { name: 'Now' }).click();
    await page.getByText('members now').waitFor();
    await until(async () => (await rows(page).count()) === 2);
    const slider = page.getByRole('slider', { name: 'As of' });
    await expect.poll(() => slider.getAttribute('aria-valuetext')).toBe('now');
    await slider.focus();
    await page.keyboard.press('Home');
    await page.getByText('It had no members then.').waitFor();
    await expect.poll(() => slider.getAttribute('aria-valuetext')).toMatch(/00:|01:|02:/);
    await page.keyboard.press('End');
    await page.getByText('members now').waitFor();
  });

  test('the chart says in words and in a table what it shows, and what draws it comes on demand', async () => {
    const page = await opened();
    await page.locator('.plot canvas').waitFor();
    await page.getByRole('img', { name: /^From 0 to 1,50\d members in 1 day$/ }).waitFor();
    await page.getByText('Sizes as a table').click();
    const table = page.getByRole('region', { name: 'Sizes' });
    await expect.poll(() => table.locator('tbody tr').count()).toBe(1);
    await expectGoodLooks(page, 'sizes as a table');
    const names = await page.evaluate<string[]>(
      `performance.getEntriesByType('resource').map((one) => new URL(one.name).pathname).filter((path) => path.includes('size-plot'))`,
    );
    expect(names.length).toBe(1);
    const answer = await fetch(`${world.origin}${names[0]}`, { headers: { 'accept-encoding': 'gzip' } });
    expect(Number(answer.headers.get('content-length'))).toBeLessThanOrEqual(30 * 1024);
  });

  test('why a contact is in stands beside the table, and on a narrow screen on a page of its own', async () => {
    const page = await opened();
    await rows(page).first().getByRole('link').click();
    const aside = page.getByRole('complementary');
    await aside.getByRole('heading', { name: /Why is contact \d+ in\?/ }).waitFor();
    await expectGoodLooks(page, 'why beside the members');
    await aside.getByRole('button', { name: /Close/ }).click();
    await aside.waitFor({ state: 'detached' });
    await page.setViewportSize({ width: 420, height: 900 });
    await rows(page).first().getByRole('link').click();
    await page.waitForURL('**/segments/france/contacts/*');
    await page.getByRole('heading', { name: /Why is contact \d+ in\?/ }).waitFor();
  });
});
