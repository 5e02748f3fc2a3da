/** The page of a segment: what its head says, what one can do with it, and every state that it can be in. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectGoodLooks, skipsBrowser, type Page } from '../../support/browser.ts';
import { until } from '../../support/until.ts';
import { createPageWorld, type PageWorld } from '../page-world.ts';

const SPAIN = { '==': [{ var: 'country' }, 'ES'] };
const NOT_SPAIN = { '!=': [{ var: 'country' }, 'ES'] };
const HOSTILE = '<img src=x onerror=alert(1)> ‮قطاع‬ 🛒 ' + 'long'.repeat(30);

describe.skipIf(skipsBrowser)('the page of a segment', () => {
  let world: PageWorld;
  beforeAll(async () => {
    world = await createPageWorld();
    const { segments } = world.segmentd;
    await segments.create({
      key: 'spain',
      name: 'Spain',
      description: 'In Spain',
      tags: ['country'],
      condition: SPAIN,
    });
    await segments.create({
      key: 'hostile',
      name: HOSTILE,
      description: HOSTILE,
      tags: [HOSTILE.slice(0, 90)],
      condition: SPAIN,
    });
    await segments.create({ key: 'list', name: 'A list', kind: 'static' });
    for (const key of ['spain', 'hostile', 'list']) await segments.untilLive(key);
  });
  afterAll(() => world.end());

  const opened = async (path: string, role?: 'viewer' | 'editor' | 'admin'): Promise<Page> => {
    const page = await world.open(path, role);
    await page.getByRole('navigation', { name: 'Parts of the segment' }).waitFor();
    return page;
  };
  const pick = async (page: Page, name: string): Promise<void> => {
    await page.getByRole('button', { name: 'More', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name, exact: true }).waitFor();
    await until(async () => {
      if ((await page.locator(':focus').innerText()) === name) return true;
      await page.keyboard.press('ArrowDown');
      return false;
    });
    await page.keyboard.press('Enter');
  };

  test('the head says name, key, size, state, version and sentence, and looks good', async () => {
    const page = await opened('/segments/spain');
    await page.getByRole('heading', { name: 'Spain', level: 1 }).waitFor();
    await page.getByText('Country is ES.', { exact: true }).waitFor();
    await expect.poll(() => page.locator('.facts').innerText()).toMatch(/^2 members.*spain.*version 1.*country/s);
    await expect.poll(() => page.locator('.chip.state').innerText()).toBe('live');
    await page.locator('.member-rows tbody a').first().waitFor();
    await expectGoodLooks(page, 'segment');
    await expect.poll(() => page.title()).toBe('Spain · segmentd');
  });

  test('a viewer has no button that is refused', async () => {
    const page = await opened('/segments/spain', 'viewer');
    await page.locator('.member-rows tbody a').first().waitFor();
    for (const name of ['Edit', 'Include or exclude…', 'More', 'Export…'])
      await expect.poll(() => page.getByRole('button', { name }).count(), { message: name }).toBe(0);
    await page.getByRole('link', { name: 'Exceptions' }).click();
    await page.getByText('there is no exception').waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'Include or exclude…' }).count()).toBe(0);
    await expectGoodLooks(page, 'viewer');
  });

  test('names are text, and nothing of them runs or widens the page', async () => {
    const page = await opened('/segments/hostile');
    await page.getByRole('heading', { name: HOSTILE.slice(0, 28), level: 1 }).waitFor();
    await expectGoodLooks(page, 'hostile names');
    for (const tab of ['versions', 'uses', 'overrides', 'code', 'events']) {
      await page.goto(`${world.origin}/segments/hostile?tab=${tab}`);
      await page.locator('.tab').waitFor();
    }
  });

  test('a segment that is not there says so', async () => {
    const page = await world.open('/segments/nothing');
    await page.getByText('There is no segment with this key.').waitFor();
    await expectGoodLooks(page, 'no segment');
  });

  test('it is paused, resumed and archived by keyboard alone', async () => {
    const page = await opened('/segments/list', 'editor');
    await pick(page, 'Pause');
    await page.getByText('It is paused: its members stay as they are').waitFor();
    await expectGoodLooks(page, 'paused');
    await pick(page, 'Resume');
    await page.getByText('It is paused').waitFor({ state: 'detached' });
    await pick(page, 'Archive');
    await page.getByText('It is archived').waitFor();
    await pick(page, 'Resume');
    await page.getByText('It is archived').waitFor({ state: 'detached' });
  });

  test('it is duplicated, and a key that is taken says so and stays', async () => {
    const page = await opened('/segments/spain', 'editor');
    await pick(page, 'Duplicate…');
    const field = page.getByLabel('Key of the copy');
    await field.fill('hostile');
    await page.keyboard.press('Enter');
    await page.getByText('There is a segment hostile already.').waitFor();
    await expectGoodLooks(page, 'duplicate refused');
    await expect.poll(() => field.inputValue()).toBe('hostile');
    await field.fill('spain-copy');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/segments/spain-copy');
    await page.getByText('Country is ES.').first().waitFor();
  });

  test('what another segment reads is not deleted, and says by which', async () => {
    const { segments } = world.segmentd;
    await segments.create({ key: 'base', condition: SPAIN });
    await segments.create({ key: 'reader', condition: { in_segment: ['base'] } });
    await segments.untilLive('reader');
    const page = await opened('/segments/base', 'editor');
    await pick(page, 'Delete…');
    const dialog = page.getByRole('dialog', { name: 'Delete base?' });
    await dialog.getByRole('link', { name: 'reader' }).waitFor();
    await expect.poll(() => dialog.getByRole('button', { name: 'Delete' }).isDisabled()).toBe(true);
    await expectGoodLooks(page, 'delete refused');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: /Used by/ }).click();
    await page.locator('.tab').getByRole('link', { name: 'reader' }).waitFor();
    await expectGoodLooks(page, 'used by');
  });

  test('it is deleted, and restored from its page', async () => {
    const { segments } = world.segmentd;
    await segments.create({ key: 'short', name: 'Short', condition: SPAIN });
    await segments.untilLive('short');
    const page = await opened('/segments/short', 'editor');
    await pick(page, 'Delete…');
    await page.getByText('Its 2 members leave it.').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.waitForURL('**/segments');
    await until(() =>
      segments.show('short').then(
        () => false,
        () => true,
      ),
    );
    await page.goto(`${world.origin}/segments/short`);
    await page.getByRole('button', { name: 'Restore', exact: true }).click();
    await page.getByRole('link', { name: 'Edit' }).waitFor();
    await segments.untilLive('short');
  });

  test('versions say what they changed, and an old one comes back', async () => {
    const { segments } = world.segmentd;
    await segments.create({ key: 'turned', condition: SPAIN });
    await segments.untilLive('turned');
    await segments.edit('turned', { condition: NOT_SPAIN });
    await segments.untilLive('turned');
    const page = await opened('/segments/turned?tab=versions', 'editor');
    await page.locator('.changes .minus', { hasText: 'country is ES' }).waitFor();
    await expectGoodLooks(page, 'versions');
    await page.getByRole('button', { name: /Restore version 1/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Restore version 1?' });
    await dialog.getByText(/\+2 enter/).waitFor();
    await expectGoodLooks(page, 'restore');
    await dialog.getByRole('button', { name: 'Restore' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('heading', { name: 'Version 3' }).waitFor();
    await segments.untilLive('turned');
    expect((await segments.show('turned')).condition).toEqual(SPAIN);
  });

  test('an edit that comes while one restores is not overwritten unseen', async () => {
    const { segments } = world.segmentd;
    await segments.create({ key: 'raced', condition: SPAIN });
    await segments.untilLive('raced');
    await segments.edit('raced', { condition: NOT_SPAIN });
    await segments.untilLive('raced');
    const page = await opened('/segments/raced?tab=versions', 'editor');
    await page.getByRole('button', { name: /Restore version 1/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/enter/).waitFor();
    await segments.edit('raced', { condition: { '==': [{ var: 'country' }, 'PT'] } });
    await dialog.getByRole('button', { name: 'Restore', exact: true }).click();
    await dialog.getByText(/has version 3, not 2/).waitFor();
    await expectGoodLooks(page, 'overtaken');
    await dialog.getByRole('button', { name: /over version 3/ }).click();
    await dialog.getByText(/enter/).waitFor();
    await dialog.getByRole('button', { name: 'Restore', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    expect((await segments.show('raced')).version).toBe(4);
  });

  test('the condition is shown as it is written', async () => {
    const page = await opened('/segments/spain?tab=code');
    expect(JSON.parse(await page.getByRole('region', { name: 'Condition' }).innerText())).toEqual(SPAIN);
    const text = await page.getByRole('region', { name: 'SQL' }).innerText();
    const { rows } = await world.world.database.pool.query(text);
    expect(rows.length).toBe((await world.segmentd.segments.show('spain')).members);
    await expectGoodLooks(page, 'code');
  });

  test('a condition that does not fit the tables any more says why, and where to change it', async () => {
    const { segments } = world.segmentd;
    const { pool } = world.world.database;
    await segments.create({ key: 'ages', condition: { '>': [{ var: 'age' }, 25] } });
    await segments.untilLive('ages');
    const page = await opened('/segments/ages', 'editor');
    await pool.query('alter table public.contacts rename column age to years');
    await world.segmentd.admin.install();
    await until(async () => (await segments.show('ages')).state === 'invalid');
    await page.reload();
    await page.getByRole('link', { name: 'Change the condition' }).waitFor();
    await expectGoodLooks(page, 'invalid');
    await pool.query('alter table public.contacts rename column years to age');
    await world.segmentd.admin.install();
    await until(async () => (await segments.show('ages')).state === 'live');
  });

  test('a server that goes away and comes back leaves what was shown', async () => {
    const page = await opened('/segments/spain', 'editor');
    await page.locator('.member-rows tbody a').first().waitFor();
    await world.stopServer();
    await page
      .getByText(/does not answer|connection/i)
      .first()
      .waitFor();
    await expect.poll(() => page.locator('.member-rows tbody a').count()).toBe(2);
    await world.startServer();
    await page
      .getByText(/does not answer/i)
      .first()
      .waitFor({ state: 'detached' });
    await page.getByText('Country is ES.').first().waitFor();
  });
});
