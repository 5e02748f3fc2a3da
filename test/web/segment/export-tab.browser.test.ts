/** Files of the members: a download with chosen columns, a schedule, what became of them. */
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectGoodLooks, skipsBrowser } from '../../support/browser.ts';
import { createPageWorld, type PageWorld } from '../page-world.ts';

const CONFIG = `
contacts: { table: public.contacts, key: id, created: created_at, display: [{ email: masked }, country] }
relations: { orders: { table: public.orders, contact: contact_id, time: placed_at } }
timezone: Europe/Madrid
`;

describe.skipIf(skipsBrowser)('exports of a segment', () => {
  let world: PageWorld;
  beforeAll(async () => {
    world = await createPageWorld({ config: CONFIG });
    const { segments } = world.segmentd;
    await segments.create({ key: 'spain', name: 'Spain', condition: { '==': [{ var: 'country' }, 'ES'] } });
    await segments.untilLive('spain');
  });
  afterAll(() => world.end());

  test('a file with chosen columns is downloaded, and the list says how it ended', async () => {
    const page = await world.open('/segments/spain?tab=exports', 'editor');
    await page.getByText('No file was made yet.').waitFor();
    await expectGoodLooks(page, 'no exports');
    await page.getByRole('button', { name: 'New file…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Export the members' });
    await dialog.getByText(/^Columns:/).click();
    for (const label of ['Contact', 'Member since'])
      await dialog.getByRole('checkbox', { name: new RegExp(`^${label}`) }).uncheck();
    await dialog.getByText('Columns: 2 chosen').waitFor();
    await expectGoodLooks(page, 'export dialog');
    const downloading = page.waitForEvent('download');
    await dialog.getByRole('button', { name: 'Download' }).click();
    const file = await downloading;
    expect(file.suggestedFilename()).toMatch(/^spain-\d+\.csv$/);
    expect((await readFile(await file.path(), 'utf8')).replaceAll('\r', '').trim().split('\n')).toEqual([
      'email,country',
      'a@x,ES',
      'c@x,ES',
    ]);
    await dialog.waitFor({ state: 'detached' });
    const row = page.getByRole('row', { name: /CSV/ });
    await row.getByText('done').waitFor();
    await expect.poll(() => row.innerText()).toMatch(/ana.*2 columns.*done/s);
    await expectGoodLooks(page, 'exports');
  });

  test('an export that is refused says why, and keeps what was chosen', async () => {
    const page = await world.open('/segments/spain?tab=exports', 'editor');
    await page.getByRole('button', { name: 'On a schedule…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Export on a schedule' });
    await dialog.getByLabel('How often').selectOption('other');
    await dialog.getByLabel('Cron expression').fill('every day, please');
    await dialog.getByRole('button', { name: 'Schedule' }).click();
    await dialog.getByRole('alert').waitFor();
    await expect.poll(() => dialog.getByLabel('Cron expression').inputValue()).toBe('every day, please');
    await expectGoodLooks(page, 'schedule refused');
  });

  test('a schedule is made, paused, run and removed', async () => {
    const page = await world.open('/segments/spain?tab=exports', 'editor');
    await page.getByRole('button', { name: 'On a schedule…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Export on a schedule' });
    await dialog.getByLabel('How often').selectOption('week');
    await dialog.getByLabel('Day of the week').selectOption('Monday');
    await dialog.getByLabel('Time', { exact: true }).fill('07:30');
    await dialog.getByLabel('Only who entered and left').check();
    await dialog.getByLabel(/Name of the series/).fill('weekly');
    await expectGoodLooks(page, 'schedule dialog');
    await dialog.getByRole('button', { name: 'Schedule' }).click();
    await dialog.waitFor({ state: 'detached' });
    const row = page.locator('.schedules li');
    await row.getByText('every Monday at 07:30').waitFor();
    await expect.poll(() => row.innerText()).toContain('changes “weekly”');
    await expectGoodLooks(page, 'schedules');
    await row.getByRole('button', { name: /Pause/ }).click();
    await row.getByText('paused').waitFor();
    await row.getByRole('button', { name: /Resume/ }).click();
    await row.getByText('paused').waitFor({ state: 'detached' });
    await row.getByRole('button', { name: /Remove/ }).click();
    await page.getByText('No schedule exports this segment.').waitFor();
  });

  test('the first button exports what the table of members shows, and leads to the file', async () => {
    const page = await world.open('/segments/spain', 'editor');
    await page.getByRole('button', { name: 'Export…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Export the members' });
    await dialog.getByText('Columns: Contact, Member since, Email, Country · choose others').waitFor();
    await dialog.getByLabel('Only who entered and left').check();
    await dialog
      .getByText('Columns: Contact, Change, Changed at, Reason, Version of the segment, Email, Country · choose others')
      .waitFor();
    await dialog.getByText(/^Columns:/).click();
    await expect.poll(() => dialog.getByRole('checkbox', { name: 'Member since' }).count()).toBe(0);
    await dialog.getByRole('radio', { name: 'All members' }).check();
    await expectGoodLooks(page, 'export from the head');
    const downloading = page.waitForEvent('download');
    await dialog.getByRole('button', { name: 'Download' }).click();
    const text = await readFile(await (await downloading).path(), 'utf8');
    expect(text.split('\r\n')[0]?.trim()).toMatch(/^contact_id,entered_at,email,country/);
    await page.waitForURL('**/segments/spain?tab=exports');
    await page.getByRole('row', { name: /CSV · 4 columns/ }).waitFor();
  });

  test('a viewer sees them and can ask for none', async () => {
    const page = await world.open('/segments/spain?tab=exports', 'viewer');
    await page.getByText('Exports need the role editor.').waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'Export…' }).count()).toBe(0);
    await expectGoodLooks(page, 'exports, viewer');
  });
});
