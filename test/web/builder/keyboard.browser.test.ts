/**
 * Conditions of every kind, each built by keyboard alone from an empty builder: Tab, arrows, Enter, Space and the shortcuts. The JSON is
 * exactly what was meant.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { skipsBrowser, type Page } from '../../support/browser.ts';
import { createPageWorld, type PageWorld } from '../page-world.ts';
import { focused, jsonOf, pick, SENTENCE } from './builder-steps.ts';
import { keysOf, type Keys } from './keyboard-steps.ts';

const paid = { '==': [{ var: 'status' }, 'paid'] };
const spain = { '==': [{ var: 'country' }, 'ES'] };
const rich = { '>': [{ var: 'points' }, 50] };

async function addSpain(keys: Keys): Promise<void> {
  await keys.condition('country');
  await keys.type('Value', 'ES');
}

async function addRich(keys: Keys): Promise<void> {
  await keys.condition('points');
  await keys.choose('Comparison', 'is greater than');
  await keys.type('Value', '50');
}

/** The first condition on a value of related rows. */
async function addPaidRows(keys: Keys): Promise<void> {
  await keys.button('+ Condition on orders');
}

type Case = readonly [name: string, json: unknown, build: (keys: Keys, page: Page) => Promise<void>];

const CASES: readonly Case[] = [
  [
    'any of',
    { or: [spain, rich] },
    async (keys) => {
      await keys.choose('Which of these must hold', 'any of');
      await addSpain(keys);
      await addRich(keys);
    },
  ],
  [
    'none of',
    { '!': [{ or: [spain, rich] }] },
    async (keys) => {
      await keys.choose('Which of these must hold', 'none of');
      await addSpain(keys);
      await addRich(keys);
    },
  ],
  [
    'a group in a group, and a row that is moved into it',
    { and: [rich, { or: [spain, { var: 'vip' }] }] },
    async (keys, page) => {
      await keys.button('+ Group');
      expect((await focused(page)).name).toBe('+ Condition');
      await keys.condition('vip');
      await keys.choose('Comparison', 'is yes');
      // Past the group's own button.
      await keys.to('+ Condition');
      await keys.press('Tab');
      await addSpain(keys);
      await keys.backTo('What');
      await keys.press('Alt+ArrowRight');
      await keys.press('Alt+ArrowUp');
      await keys.to('+ Condition');
      await keys.press('Tab');
      await addRich(keys);
      // Into the group, past its rows, and out of it above.
      for (let n = 0; n < 4; n += 1) await keys.press('Alt+ArrowUp');
    },
  ],
  [
    'between',
    { and: [{ '<=': [10, { var: 'points' }, 90] }] },
    async (keys) => {
      await keys.condition('points');
      await keys.choose('Comparison', 'is between');
      await keys.type('From', '10');
      await keys.type('To', '90');
    },
  ],
  [
    'a list',
    { and: [{ in: [{ var: 'country' }, ['ES', 'PT', 'IT']] }] },
    async (keys) => {
      await keys.condition('country');
      await keys.choose('Comparison', 'is one of');
      await keys.list('ES', 'FR', 'PT', 'IT');
      // One of them is taken away again.
      await keys.backTo('Remove FR');
      await keys.press('Enter');
    },
  ],
  [
    'none of a list of a list field',
    { and: [{ '!': [{ has_any: [{ var: 'tags' }, ['vip', 'press']] }] }] },
    async (keys) => {
      await keys.condition('tags');
      await keys.choose('Comparison', 'has none of');
      await keys.list('vip', 'press');
    },
  ],
  [
    'text in any case',
    { and: [{ icontains: [{ var: 'email' }, '@Test.'] }] },
    async (keys) => {
      await keys.condition('email');
      await keys.choose('Comparison', 'contains, in any case');
      await keys.type('Value', '@Test.');
    },
  ],
  [
    'a window',
    { and: [{ in_last: [{ var: 'last_seen_at' }, 36, 'hour'] }] },
    async (keys) => {
      await keys.condition('last seen');
      await keys.choose('Comparison', 'is within the last');
      await keys.type('Value: how many', '36');
      await keys.choose('Value: unit', 'hours');
    },
  ],
  [
    'a calendar period',
    { and: [{ in_period: [{ var: 'created_at' }, 'quarter', -1] }] },
    async (keys) => {
      await keys.condition('contact since');
      await keys.choose('Comparison', 'is in the period');
      await keys.choose('Value: unit', 'quarter');
      await keys.type('Value: periods from the current one', '-1');
    },
  ],
  [
    'an age',
    { and: [{ '>=': [{ age: [{ var: 'birth_date' }] }, 18] }] },
    async (keys) => {
      await keys.condition('age by');
      await keys.choose('Comparison', 'is at least');
      await keys.type('Value', '18');
    },
  ],
  [
    'an anniversary',
    { and: [{ anniversary_in_next: [{ var: 'birth_date' }, 14] }] },
    async (keys) => {
      await keys.condition('birth');
      await keys.choose('Comparison', 'has an anniversary within the next days');
      await keys.type('Value: days', '14');
    },
  ],
  [
    'a day',
    { and: [{ '<': [{ var: 'birth_date' }, '1990-05-05'] }] },
    async (keys, page) => {
      await keys.condition('birth');
      await keys.choose('Comparison', 'is before');
      await keys.to('Value');
      // The parts of a native date input.
      await page.keyboard.type('05051990');
    },
  ],
  [
    'a moment',
    { and: [{ '>': [{ var: 'renewal_at' }, '2024-05-05T08:00+02:00'] }] },
    async (keys, page) => {
      await keys.condition('renewal');
      await keys.choose('Comparison', 'is after');
      await keys.to('Value');
      await page.keyboard.type('05052024');
      await keys.button('with a time');
      expect((await focused(page)).name).toBe('whole day');
      await keys.backTo('Comparison');
      await keys.to('Value');
      await page.keyboard.type('050520240800');
      await keys.type('Value: offset from UTC', '+02:00');
    },
  ],
  [
    'a number of rows, with a condition on them',
    {
      and: [
        {
          '>=': [
            {
              count: [
                {
                  filter: [
                    { var: 'orders' },
                    { and: [paid, { or: [{ '==': [{ var: 'channel' }, 'web'] }, { '>': [{ var: 'total' }, 100] }] }] },
                  ],
                },
              ],
            },
            3,
          ],
        },
      ],
    },
    async (keys, page) => {
      await keys.condition('number of orders');
      await keys.choose('Comparison', 'is at least');
      await keys.type('Value', '3');
      await addPaidRows(keys);
      await pick(page, 'status');
      await keys.type('Value', 'paid');
      await keys.button('+ Group');
      await keys.condition('channel');
      await keys.choose('Value', 'web');
      await keys.condition('total');
      await keys.choose('Comparison', 'is greater than');
      await keys.type('Value', '100');
    },
  ],
  [
    'a sum of rows',
    {
      and: [
        { '>': [{ sum: [{ map: [{ filter: [{ var: 'orders' }, { and: [paid] }] }, { var: 'total' }] }] }, '250.00'] },
      ],
    },
    async (keys, page) => {
      await keys.condition('orders: sum');
      await keys.find('Field of the rows', 'total');
      await keys.choose('Comparison', 'is greater than');
      await keys.type('Value', '250.00');
      await addPaidRows(keys);
      await pick(page, 'status');
      await keys.type('Value', 'paid');
    },
  ],
  [
    'the last row',
    { and: [{ '==': [{ last: [{ var: 'page_views' }, { var: 'campaign' }] }, 'spring'] }] },
    async (keys) => {
      await keys.condition('page views: last');
      await keys.find('Field of the rows', 'campaign');
      await keys.type('Value', 'spring');
    },
  ],
  [
    'no row that satisfies',
    { and: [{ none: [{ var: 'orders' }, { and: [paid, { in_last: [{ var: 'placed_at' }, 30, 'day'] }] }] }] },
    async (keys, page) => {
      await keys.condition('orders');
      await keys.choose('Comparison', 'has none');
      await addPaidRows(keys);
      await pick(page, 'status');
      await keys.type('Value', 'paid');
      await keys.condition('ordered');
      await keys.choose('Comparison', 'is within the last');
    },
  ],
  [
    'rows inside the rows of another relation',
    {
      and: [
        {
          some: [
            { var: 'orders' },
            { and: [paid, { none: [{ var: 'page_views' }, { and: [{ '==': [{ var: 'campaign' }, 'spring'] }] }] }] },
          ],
        },
      ],
    },
    async (keys, page) => {
      await keys.condition('orders');
      await addPaidRows(keys);
      await pick(page, 'status');
      await keys.type('Value', 'paid');
      await keys.condition('page views');
      await keys.choose('Comparison', 'has none');
      await keys.button('+ Condition on page views');
      await pick(page, 'campaign');
      await keys.type('Value', 'spring');
    },
  ],
  [
    'fields inside of jsonb',
    { and: [{ '==': [{ var: 'attributes.plan' }, 'pro'] }, { '!': [{ var: 'attributes.opted_in' }] }] },
    async (keys) => {
      await keys.condition('plan');
      await keys.type('Value', 'pro');
      await keys.condition('opted');
      await keys.choose('Comparison', 'is not yes');
    },
  ],
  [
    'another segment',
    { and: [{ '!': [{ in_segment: ['loyal'] }] }] },
    async (keys, page) => {
      await keys.button('+ Segment');
      expect((await focused(page)).name).toBe('Segment');
      await pick(page, 'loyal');
      await keys.backTo('Comparison');
      await keys.choose('Comparison', 'is not in');
    },
  ],
  [
    'the past of another segment',
    { and: [{ '!': [{ left_in_last: ['loyal', 2, 'week'] }] }] },
    async (keys, page) => {
      await keys.button('+ Segment');
      await pick(page, 'loyal');
      await keys.backTo('Comparison');
      await keys.choose('Comparison', 'did not leave within the last');
      await keys.type('Value: how many', '2');
      await keys.choose('Value: unit', 'weeks');
    },
  ],
  [
    'two fields beside each other',
    { and: [{ '>': [{ var: 'balance' }, { var: 'credit_limit' }] }] },
    async (keys, page) => {
      await keys.condition('balance');
      await keys.choose('Comparison', 'is greater than');
      await keys.menu('Compare with a field');
      await pick(page, 'credit');
    },
  ],
  [
    'what the builder has no form for, as JSON',
    { and: [spain, { if: [{ var: 'vip' }, true, { known_for: [30, 'day'] }] }] },
    async (keys, page) => {
      await addSpain(keys);
      await keys.backTo('Builder');
      await keys.press('ArrowRight');
      expect((await focused(page)).name).toBe('JSON');
      await keys.to('JsonLogic');
      await keys.press('Control+A');
      await page.keyboard.type(
        JSON.stringify({ and: [spain, { if: [{ var: 'vip' }, true, { known_for: [30, 'day'] }] }] }),
      );
      await keys.backTo('JSON');
      await keys.press('ArrowLeft');
    },
  ],
];

describe.skipIf(skipsBrowser)('the builder by keyboard', { timeout: 180_000 }, () => {
  let world: PageWorld;
  let page: Page;
  beforeAll(async () => {
    world = await createPageWorld({ shop: { contacts: 120 }, worker: false });
    await world.segmentd.segments.create({ key: 'loyal', name: 'Loyal', condition: spain });
    page = await world.open('/segments', 'editor');
    page.on('dialog', (dialog) => void dialog.accept());
  });
  afterAll(() => world.end());

  /** An empty builder with the keyboard where the browser puts it. */
  async function begin(): Promise<Keys> {
    // Another document: an address that differs behind `#` only is none.
    await page.goto('about:blank');
    await page.goto(`${world.origin}/segments/new`);
    await page.getByRole('button', { name: '+ Condition', exact: true }).waitFor();
    return keysOf(page);
  }

  test.each(CASES)('%s', async (_, json, build) => {
    const keys = await begin();
    await build(keys, page);
    expect(await jsonOf(page)).toEqual(json);
    await expect.poll(() => page.locator(SENTENCE).textContent()).not.toContain('not ready');
  });

  test('undo and redo go on for as long as there is a step, wherever the keyboard was', async () => {
    const keys = await begin();
    const seen = [JSON.stringify({ and: [] })];
    await addSpain(keys);
    await keys.button('+ Group');
    await addRich(keys);
    await keys.press('Control+Delete');
    const here = async (): Promise<string> => {
      const { name } = await focused(page);
      expect(name, 'no control has the keyboard').not.toBe('');
      return name;
    };
    await here();
    const undo = page.getByRole('button', { name: 'Undo', exact: true });
    const redo = page.getByRole('button', { name: 'Redo', exact: true });
    let steps = 0;
    for (; await undo.isEnabled(); steps += 1) {
      expect(steps).toBeLessThan(20);
      await keys.press('Control+Z');
      await here();
    }
    expect(steps).toBeGreaterThanOrEqual(8);
    expect(JSON.stringify(await jsonOf(page))).toBe(seen[0]);
    await keys.press('Control+Shift+Z');
    for (let n = 1; n < steps; n += 1) {
      await keys.press(n % 2 === 0 ? 'Control+Shift+Z' : 'Control+Y');
      await here();
    }
    await expect.poll(() => redo.isEnabled()).toBe(false);
    expect(await jsonOf(page)).toEqual({ and: [spain, { or: [] }] });
  });

  test('the keyboard stays in the row whose parts come and go', async () => {
    const keys = await begin();
    await keys.condition('country');
    await keys.choose('Comparison', 'is one of');
    await keys.list('ES', 'PT', 'IT', 'FR');
    await keys.backTo('Remove FR');
    await keys.press('Enter');
    expect((await focused(page)).name).toBe('Value: add a value');
    expect(await jsonOf(page)).toEqual({ and: [{ in: [{ var: 'country' }, ['ES', 'PT', 'IT']] }] });
  });

  test('a row of JSON is opened, left and used with the keyboard', async () => {
    const keys = await begin();
    await keys.to('Builder');
    await keys.press('ArrowRight');
    await keys.to('JsonLogic');
    await keys.press('Control+A');
    await page.keyboard.type('{"and": [{"between": [1]}]}');
    await keys.backTo('JSON');
    await keys.press('ArrowLeft');
    await keys.button('Edit');
    expect((await focused(page)).name).toBe('Condition as JSON');
    await keys.button('Cancel');
    expect((await focused(page)).name).toBe('Edit');
    await keys.press('Enter');
    await keys.press('Control+A');
    await page.keyboard.type(JSON.stringify(rich));
    await keys.button('Use it');
    await expect.poll(() => focused(page)).toEqual({ name: 'What', value: 'Points' });
    expect(await jsonOf(page)).toEqual({ and: [rich] });
  });
});
