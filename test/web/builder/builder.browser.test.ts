/** The builder in a real browser: nothing is lost between JSON and rows, a segment is made by keyboard alone, and every look is good. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { samples } from '../../condition/sample.ts';
import { expectGoodLooks, skipsBrowser } from '../../support/browser.ts';
import { createPageWorld, type PageWorld } from '../page-world.ts';
import { focused, jsonOf, pick, save, SENTENCE, typeJson } from './builder-steps.ts';

const EVERY_KIND = {
  and: [
    { in: [{ var: 'country' }, ['ES', 'PT']] },
    { '>=': [{ var: 'points' }, 40] },
    {
      '>=': [
        {
          count: [
            {
              filter: [
                { var: 'orders' },
                { and: [{ '==': [{ var: 'status' }, 'paid'] }, { in_last: [{ var: 'placed_at' }, 30, 'day'] }] },
              ],
            },
          ],
        },
        1,
      ],
    },
    { '>': [{ sum: [{ map: [{ var: 'orders' }, { var: 'total' }] }] }, '250.00'] },
    { none: [{ var: 'orders' }, { '==': [{ var: 'status' }, 'refunded'] }] },
    { '!': [{ has_any: [{ var: 'tags' }, ['press']] }] },
    {
      or: [
        { '<=': [18, { age: [{ var: 'birth_date' }] }, 35] },
        { var: 'vip' },
        { '!': [{ and: [{ '>': [{ var: 'created_at' }, '2024-05-01T10:00:00Z'] }, { is_empty: [{ var: 'city' }] }] }] },
      ],
    },
    { if: [{ var: 'vip' }, true, { known_for: [30, 'day'] }] },
  ],
};

/** No person opens a hundred segments a minute; the limit has tests of its own. */
const UNLIMITED = { burst: 100_000, perSecond: 1 };

describe.skipIf(skipsBrowser)('the builder', { timeout: 180_000 }, () => {
  let world: PageWorld;
  beforeAll(async () => {
    world = await createPageWorld({ shop: { contacts: 300 }, worker: false, rate: UNLIMITED });
    // The samples name it.
    await world.segmentd.segments.create({ key: 'a', condition: true });
    await world.segmentd.segments.create({
      key: 'loyal',
      name: 'Loyal Iberia',
      description: 'Who comes back',
      tags: ['es', 'pt'],
      condition: EVERY_KIND,
    });
  });
  afterAll(() => world.end());

  test('every kind of row looks good', async () => {
    const page = await world.open('/segments/loyal/edit', 'editor');
    await page.getByRole('heading', { name: 'Edit' }).waitFor();
    await expectGoodLooks(page, 'every kind of row');
    await expect.poll(() => page.locator(SENTENCE).textContent()).toContain('18 and 35');
    await expect.poll(() => page.getByRole('button', { name: 'Review and save' }).isDisabled()).toBe(true);
    expect(await jsonOf(page)).toEqual(EVERY_KIND);
    await page.getByRole('tab', { name: 'JSON' }).click();
    await expectGoodLooks(page, 'JSON');
    await page.getByRole('tab', { name: 'SQL' }).click();
    await expect.poll(() => page.getByRole('region', { name: 'SQL' }).textContent()).toContain('"country"');
    await expectGoodLooks(page, 'SQL');
    await page.getByRole('tab', { name: 'JSON' }).click();
    await page.getByLabel('JsonLogic').fill('{"and": [');
    await page.getByText('This is no JSON yet').waitFor();
    await expectGoodLooks(page, 'JSON that does not parse');
    await page.getByRole('tab', { name: 'Builder' }).click();
    expect(await jsonOf(page)).toEqual(EVERY_KIND);
  });

  test('what a query builder exported becomes rows, with a note of what was read how', async () => {
    const page = await world.open('/segments/new', 'editor');
    await page.getByRole('tab', { name: 'JSON' }).click();
    const exported = {
      logic: { and: [{ startsWith: [{ var: 'city' }, 'M'] }, { '!': { var: 'email' } }] },
      data: {},
      errors: [],
    };
    await page.getByLabel('JsonLogic').fill(JSON.stringify(exported));
    const notes = page.getByRole('list', { name: 'What was read how' });
    await notes.waitFor();
    expect(await notes.getByRole('listitem').allTextContents()).toEqual([
      'whole `logic` of the export is the condition.',
      '/logic/and/0 `startsWith` is read as `starts_with`.',
      '/logic/and/1 `!` of a value is read as {"is_empty":[{"var":"email"}]}.',
    ]);
    await expectGoodLooks(page, 'JSON that a query builder exported');
    await page.getByLabel('JsonLogic').fill(JSON.stringify(exported).replace('city', 'citty'));
    await page.getByText('/logic/and/0/startsWith/0').waitFor();
    await page.getByLabel('JsonLogic').fill(JSON.stringify({ ...exported, errors: ['Operator x is not supported'] }));
    await page.getByText('The query builder left a part out').waitFor();
    await page.getByLabel('JsonLogic').fill(JSON.stringify(exported));
    await notes.waitFor();
    await page.getByRole('tab', { name: 'Builder' }).click();
    await expect.poll(() => page.locator(SENTENCE).textContent()).toContain('City starts with M');
    await page.getByRole('tab', { name: 'JSON' }).click();
    expect(await jsonOf(page)).toEqual({
      and: [{ starts_with: [{ var: 'city' }, 'M'] }, { is_empty: [{ var: 'email' }] }],
    });
  });

  test('an export that is read before the page was painted keeps its text and its notes', async () => {
    const page = await world.open('/segments', 'editor');
    await page.clock.install();
    await page.goto(`${world.origin}/segments/new`);
    await page.getByRole('tab', { name: 'JSON' }).click();
    const code = page.waitForResponse(/\/assets\/foreign-condition-/);
    const first = JSON.stringify({ startsWith: [{ var: 'city' }, 'M'] });
    await page.getByLabel('JsonLogic').fill(first);
    await code;
    const notes = page.getByRole('list', { name: 'What was read how' });
    await notes.waitFor();
    // What waits for a painting, or for a moment, does not run; what waits for the code that is there does.
    await page.clock.pauseAt(Date.now() + 3_600_000);
    for (const city of ['Madrid', 'Lisbon', 'Porto']) {
      const typed = first.replace('"M"', JSON.stringify(city));
      await page.getByLabel('JsonLogic').fill(typed);
      await page.clock.runFor(2_000);
      await expect.poll(() => notes.getByRole('listitem').allTextContents()).toHaveLength(1);
      await expect.poll(() => page.getByLabel('JsonLogic').inputValue()).toBe(typed);
      await expect.poll(() => page.locator(SENTENCE).textContent()).toContain(`City starts with ${city}`);
    }
  });

  test('an export that is read late does not undo what was done meanwhile', async () => {
    const page = await world.open('/segments', 'editor');
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const held = page.waitForRequest(/\/assets\/foreign-condition-/);
    await page.route(/\/assets\/foreign-condition-/, async (route) => {
      await released;
      await route.continue();
    });
    await page.goto(`${world.origin}/segments/new`);
    await page.getByRole('tab', { name: 'JSON' }).click();
    await page.getByLabel('JsonLogic').fill(JSON.stringify({ logic: { startsWith: [{ var: 'city' }, 'M'] } }));
    const code = await held;
    // The view is left, and shown anew.
    await page.getByRole('tab', { name: 'Builder' }).click();
    const own = { '==': [{ var: 'city' }, 'Madrid'] };
    await typeJson(page, own);
    release();
    // Who asks for the code second has it second.
    await page.evaluate(`import(${JSON.stringify(code.url())}).then(() => undefined)`);
    await page.getByRole('tab', { name: 'JSON' }).click();
    await expect.poll(() => page.getByLabel('JsonLogic').inputValue()).toBe(JSON.stringify(own, null, 2));
    await page.getByLabel('Name', { exact: true }).fill('Madrid');
    expect(await jsonOf(page)).toEqual(own);
  });

  test('every sample is opened, renamed and saved, and its condition is what it was', async () => {
    const page = await world.open('/segments', 'editor');
    for (const [name, { json }] of Object.entries(samples)) {
      const key = `sample_${Object.keys(samples).indexOf(name)}`;
      const condition: unknown = json;
      await world.segmentd.segments.create({ key, condition });
      await page.goto(`${world.origin}/segments/${key}/edit`);
      await page.getByLabel('Name', { exact: true }).fill(`Renamed ${name}`);
      await save(page, 'Save');
      const after = await world.segmentd.segments.show(key);
      expect([after.name, after.condition], name).toEqual([`Renamed ${name}`, condition]);
    }
  }, 900_000);

  test('a segment is made by keyboard alone', async () => {
    const page = await world.open('/segments/new', 'editor');
    await page.getByLabel('Name', { exact: true }).focus();
    await page.keyboard.type('Loyal buyers');
    await page.keyboard.press('Tab');
    await expect.poll(() => focused(page)).toMatchObject({ value: 'loyal_buyers' });
    for (let n = 0; (await focused(page)).name !== '+ Condition'; n += 1) {
      expect(n).toBeLessThan(20);
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    // At least 3 paid orders in the last 90 days.
    await pick(page, 'number of orders');
    await page.keyboard.press('Tab');
    await page.keyboard.type('is at least');
    await page.keyboard.press('Tab');
    await page.keyboard.type('3');
    await page.keyboard.press('Tab');
    expect((await focused(page)).name).toBe('Which rows');
    await page.keyboard.press('Tab');
    expect((await focused(page)).name).toBe('+ Condition on orders');
    await page.keyboard.press('Enter');
    await pick(page, 'status');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.type('paid');
    for (let n = 0; (await focused(page)).name !== '+ Condition'; n += 1) {
      expect(n).toBeLessThan(10);
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await pick(page, 'ordered');
    await page.keyboard.press('Tab');
    await page.keyboard.type('is within the last');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('90');
    expect(await jsonOf(page)).toEqual({
      and: [
        {
          '>=': [
            {
              count: [
                {
                  filter: [
                    { var: 'orders' },
                    { and: [{ '==': [{ var: 'status' }, 'paid'] }, { in_last: [{ var: 'placed_at' }, 90, 'day'] }] },
                  ],
                },
              ],
            },
            3,
          ],
        },
      ],
    });
    await save(page, 'Create');
    const made = await world.segmentd.segments.show('loyal_buyers');
    expect([made.name, made.kind]).toEqual(['Loyal buyers', 'dynamic']);
  });

  test('a contact is tried at each keystroke, and Postgres says the same', async () => {
    const [some] = await world.world.database.query<{ id: string; points: string }>(
      'select id::text, points::text from public.contacts where points between 10 and 90 order by id limit 1',
    );
    const { id = '', points = '' } = some ?? {};
    const page = await world.open('/segments/new', 'editor');
    await typeJson(page, { and: [{ '>=': [{ var: 'points' }, Number(points)] }, { '!': [{ var: 'vip' }] }] });
    await page.getByRole('combobox', { name: 'Contact', exact: true }).fill(id);
    await page.keyboard.press('Enter');
    await page.getByText('as Postgres says', { exact: true }).waitFor();
    const mark = page.locator('li.row').first().locator('.verdict');
    await expect.poll(() => mark.textContent()).toContain('holds for the contact, as Postgres says');
    // Postgres does not answer; the page computes over the document that it has.
    await page.route('**/trials', () => undefined);
    await page
      .getByLabel('Value', { exact: true })
      .first()
      .fill(String(Number(points) + 1));
    await expect.poll(() => mark.textContent()).toContain('does not hold for the contact.');
    await page.unroute('**/trials');
    await page.getByLabel('Value', { exact: true }).first().fill(points);
    await page.getByText('as Postgres says', { exact: true }).waitFor();
    await expect.poll(() => mark.textContent()).toContain('holds for the contact, as Postgres says');
    await expectGoodLooks(page, 'a contact is tried');
    await page.getByRole('combobox', { name: 'Contact', exact: true }).fill('999999');
    await page.keyboard.press('Enter');
    await page.getByText('There is no such contact.').waitFor();
  });

  test('a viewer may build, and reads why nothing is saved', async () => {
    const page = await world.open('/segments/new', 'viewer');
    await page.getByText('Saving needs the role editor').waitFor();
    await typeJson(page, { '==': [{ var: 'country' }, 'ES'] });
    await expect.poll(() => page.getByRole('button', { name: 'Review and save' }).isDisabled()).toBe(true);
    await expectGoodLooks(page, 'viewer');
  });
});
