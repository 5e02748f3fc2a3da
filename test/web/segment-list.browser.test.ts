/** The list of segments in each of its states, in a real browser over a real database. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectGoodLooks, skipsBrowser, type Page } from '../support/browser.ts';
import { createPageWorld, type PageWorld } from './page-world.ts';

const HOSTILE = '<img src=x onerror=alert(1)> שלום עולם 🎉';

describe.skipIf(skipsBrowser)('the list of segments', () => {
  let world: PageWorld;
  beforeAll(async () => {
    world = await createPageWorld();
  });
  afterAll(() => world.end());

  const names = (page: Page) => page.locator('.virtual-row .what a').allInnerTexts();
  const rowOf = (page: Page, name: string) =>
    page.getByRole('row').filter({ has: page.getByRole('link', { name, exact: true }) });
  const settled = (...keys: string[]) => Promise.all(keys.map((key) => world.segmentd.segments.untilLive(key)));

  test('without segments it says what to do; a viewer learns who can', async () => {
    const editor = await world.open('/segments', 'editor');
    await editor.getByRole('heading', { name: 'There are no segments yet' }).waitFor();
    await expectGoodLooks(editor, 'no segments');
    await expect
      .poll(() => editor.getByRole('link', { name: 'Make the first segment' }).getAttribute('href'))
      .toBe('/segments/new');
    const viewer = await world.open('/segments', 'viewer');
    await viewer.getByText('An editor or an admin can make the first one.').waitFor();
    await expect.poll(() => viewer.getByRole('link', { name: /new|make/i }).count()).toBe(0);
    await expectGoodLooks(viewer, 'no segments, viewer');
  });

  test('each row says what the segment is and how it stands, and leads to it', async () => {
    const { segments } = world.segmentd;
    await segments.create({
      key: 'spain',
      name: 'Spain',
      tags: ['iberia'],
      condition: { '==': [{ var: 'country' }, 'ES'] },
    });
    await segments.create({ key: 'young', condition: { '<': [{ var: 'age' }, 35] } });
    await segments.create({ key: 'both', condition: { and: [{ in_segment: 'spain' }, { in_segment: 'young' }] } });
    await segments.create({ key: 'listed', kind: 'static', name: HOSTILE, tags: ['<b>bold</b>', 'עברית'] });
    await settled('spain', 'young', 'both');
    const page = await world.open('/segments', 'editor');
    await rowOf(page, 'Spain').waitFor();
    await expect.poll(() => page.getByRole('table', { name: 'Segments' }).getAttribute('aria-rowcount')).toBe('5');
    await page.getByText('4 segments').waitFor();
    const spain = rowOf(page, 'Spain');
    await expect.poll(() => spain.innerText()).toMatch(/country is ES/i);
    await expect.poll(() => spain.innerText()).toMatch(/\b2\b[\s\S]*live/);
    await expect.poll(() => rowOf(page, HOSTILE).count()).toBe(1);
    await expect.poll(() => page.locator('main img, main b').count()).toBe(0);
    await expectGoodLooks(page, 'list');
    await page.getByRole('link', { name: 'Spain' }).click();
    await page.waitForURL('**/segments/spain');
  });

  test('a commit in the database shows in the open list', async () => {
    const page = await world.open('/segments?search=spain', 'viewer');
    const size = rowOf(page, 'Spain').locator('.members strong');
    await size.filter({ hasText: /^2$/ }).waitFor();
    await world.world.database.query(`insert into public.contacts (email, country, age) values ('d@x', 'ES', 50)`);
    await size.filter({ hasText: /^3$/ }).waitFor();
    await page.getByText(/^Members as of/).waitFor();
    await world.segmentd.segments.edit('spain', { description: 'New words' });
    await world.segmentd.segments.create({ key: 'spain2', condition: { '==': [{ var: 'country' }, 'ES'] } });
    await rowOf(page, 'spain2').waitFor();
    await world.segmentd.segments.delete('spain2');
    await rowOf(page, 'spain2').waitFor({ state: 'hidden' });
  });

  test('search and filters narrow it as one types, stand in the address, and back undoes them', async () => {
    const page = await world.open('/segments', 'viewer');
    await rowOf(page, 'Spain').waitFor();
    await page.getByLabel('Search segments').pressSequentially('ag', { delay: 20 });
    await page.waitForURL('**/segments?search=ag');
    await page.getByText('1 segment', { exact: true }).waitFor();
    await expect.poll(() => names(page)).toEqual(['young']);
    await page.getByLabel('Search segments').fill('nothing like it');
    await page.getByRole('heading', { name: 'No segment fits' }).waitFor();
    await expectGoodLooks(page, 'nothing found');
    await page.goBack();
    await page.waitForURL('**/segments');
    await expect.poll(() => page.getByLabel('Search segments').inputValue()).toBe('');
    await page.getByText('4 segments').waitFor();
    await page.getByLabel('Tag').selectOption('iberia');
    await page.getByText('1 segment', { exact: true }).waitFor();
    await expect.poll(() => names(page)).toEqual(['Spain']);
    await page.getByLabel('Tag').selectOption('');
    await page.getByLabel('Type').selectOption('static');
    await page.getByText('1 segment', { exact: true }).waitFor();
    await expect.poll(() => names(page)).toEqual([HOSTILE]);
    await page.reload();
    await page.getByText('1 segment', { exact: true }).waitFor();
    await expect.poll(() => page.getByLabel('Type').inputValue()).toBe('static');
    await page.goto(`${world.origin}/segments?order=members`);
    await rowOf(page, 'Spain').waitFor();
    expect((await names(page))[0]).not.toBe(HOSTILE);
  });

  test('what needs a person comes first, with the reason and the next step', async () => {
    const { segments } = world.segmentd;
    await segments.create({ key: 'zone', name: 'Zone', condition: { '==': [{ var: 'age' }, 40] } });
    await settled('zone');
    await world.world.database.query(`alter table public.contacts rename column age to years`);
    const page = await world.open('/segments', 'editor');
    await page.getByText(/need you/).waitFor();
    const [first] = await names(page);
    const row = rowOf(page, first ?? '');
    await expect.poll(() => row.innerText()).toMatch(/invalid/);
    await expect
      .poll(() => row.getByRole('link', { name: 'Change the condition' }).getAttribute('href'))
      .toMatch(/\/edit$/);
    await expectGoodLooks(page, 'needs you');
    const viewer = await world.open('/segments', 'viewer');
    await viewer.getByText(/need you/).waitFor();
    await expect.poll(() => viewer.getByRole('link', { name: 'Change the condition' }).count()).toBe(0);
    await world.world.database.query(`alter table public.contacts rename column years to age`);
  });

  test('the server stops under an open page: rows stay, the page says so, and comes back by itself', async () => {
    const page = await world.open('/segments', 'viewer');
    await rowOf(page, 'Spain').waitFor();
    await world.stopServer();
    await page.getByText('The server does not answer').waitFor();
    await expect.poll(() => rowOf(page, 'Spain').isVisible()).toBe(true);
    await expectGoodLooks(page, 'disconnected');
    await world.segmentd.segments.edit('spain', { name: 'España' });
    await world.startServer();
    await rowOf(page, 'España').waitFor();
    await page.getByText('The server does not answer').waitFor({ state: 'hidden' });
    await world.segmentd.segments.edit('spain', { name: 'Spain' });
    await rowOf(page, 'Spain').waitFor();
  });

  test('a list that cannot be read says why and tries again', async () => {
    const page = await world.open('/segments?order=wrong', 'viewer');
    await page.getByRole('alert').waitFor();
    await expectGoodLooks(page, 'error');
    await page.getByRole('button', { name: 'Try again' }).waitFor();
  });
});
