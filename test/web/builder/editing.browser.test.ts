/** Edits in the builder: undo, moves, copies, links, mistakes, long lists and hostile names, with the keyboard where a person expects it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectGoodLooks, skipsBrowser, type Page } from '../../support/browser.ts';
import { createPageWorld, type PageWorld } from '../page-world.ts';
import { focused, jsonOf, pick, save, SENTENCE, typeJson } from './builder-steps.ts';

const spain = { '==': [{ var: 'country' }, 'ES'] };
const rich = { '>': [{ var: 'points' }, 50] };
const vip = { var: 'vip' };
const HOSTILE = '<img src=x onerror=alert(1)> \u202Eطويل 🦊 & "quoted"';

describe.skipIf(skipsBrowser)('editing', { timeout: 180_000 }, () => {
  let world: PageWorld;
  let page: Page;
  /** What the page asked before it was left, and the answer. */
  const asked: string[] = [];
  let stays = false;
  beforeAll(async () => {
    world = await createPageWorld({ shop: { contacts: 120 }, worker: false });
    await world.segmentd.segments.create({
      key: 'hostile',
      name: HOSTILE,
      condition: spain,
      tags: [HOSTILE.slice(0, 60)],
    });
    page = await world.open('/segments/new', 'editor');
    page.on('dialog', (dialog) => {
      asked.push(dialog.message());
      void (stays ? dialog.dismiss() : dialog.accept());
    });
  });
  afterAll(() => world.end());

  async function begin(json: unknown): Promise<void> {
    await page.goto(`${world.origin}/segments`);
    await page.goto(`${world.origin}/segments/new`);
    await typeJson(page, json);
  }
  /** Puts the keyboard on the first control of the row with that place among all rows. */
  async function focusRow(place: number): Promise<void> {
    await page.locator('[data-row]').nth(place).locator('[data-part]').first().focus();
  }

  test('a row looks for any of several texts', async () => {
    await begin({ icontains: [{ var: 'email' }, '@a.com'] });
    await page.getByRole('button', { name: 'More actions for this row' }).last().click();
    await page.getByRole('menuitem', { name: 'Look for any of several texts' }).click();
    await page.getByLabel('Value: add a value').fill('@b.com');
    await page.keyboard.press('Enter');
    expect(await jsonOf(page)).toEqual({ icontains: [{ var: 'email' }, ['@a.com', '@b.com']] });
    await page.getByRole('button', { name: 'More actions for this row' }).last().click();
    await page.getByRole('menuitem', { name: 'Look for one text' }).click();
    expect(await jsonOf(page)).toEqual({ icontains: [{ var: 'email' }, '@a.com'] });
  });

  test('a row calculates, on both sides and with related rows', async () => {
    await begin({ '>': [{ '*': [{ var: 'points' }, 2] }, 10] });
    await page.getByLabel('Sign').selectOption('+');
    await page.getByRole('button', { name: 'Add a number' }).click();
    await page.getByLabel('Number 3', { exact: true }).fill('4');
    expect(await jsonOf(page)).toEqual({ '>': [{ '+': [{ var: 'points' }, 2, 4] }, 10] });
    await page.getByRole('button', { name: 'Remove number 2' }).click();
    await begin({ '>': [{ sum: [{ map: [{ var: 'orders' }, { var: 'total' }] }] }, 10] });
    await page.getByLabel('Field of the rows').focus();
    await pick(page, 'Calculation');
    await page.getByLabel('Sign').waitFor();
    expect(await jsonOf(page)).toEqual({
      '>': [{ sum: [{ map: [{ var: 'orders' }, { '*': [{ var: '' }, { var: '' }] }] }] }, 10],
    });
  });

  test('a long edit is undone step by step, and done again', async () => {
    await begin({ and: [spain] });
    const seen: unknown[] = [await jsonOf(page)];
    await page.getByLabel('Value', { exact: true }).fill('PT');
    seen.push(await jsonOf(page));
    for (const name of ['Duplicate', 'Wrap in “any of”', 'Duplicate', 'Delete']) {
      await page.getByRole('button', { name: 'More actions for this row' }).last().click();
      await page.getByRole('menuitem', { name }).click();
      seen.push(await jsonOf(page));
    }
    expect(new Set(seen.map((one) => JSON.stringify(one))).size).toBeGreaterThan(4);
    const undo = page.getByRole('button', { name: 'Undo' });
    for (const json of seen.slice(0, -1).toReversed()) {
      await page.keyboard.press('Control+z');
      expect(await jsonOf(page)).toEqual(json);
    }
    for (const json of seen.slice(1)) {
      await page.keyboard.press('Control+Shift+z');
      expect(await jsonOf(page)).toEqual(json);
    }
    await expect.poll(() => undo.isEnabled()).toBe(true);
  });

  test('rows move by keyboard, in and out of groups, and keep the keyboard', async () => {
    await begin({ and: [spain, rich, { or: [vip] }] });
    await focusRow(1);
    await page.keyboard.press('Alt+ArrowDown');
    expect(await jsonOf(page)).toEqual({ and: [rich, spain, { or: [vip] }] });
    await focusRow(2);
    await expect.poll(() => focused(page)).toMatchObject({ value: 'Country' });
    await page.keyboard.press('Alt+ArrowDown');
    await expect.poll(() => focused(page)).toMatchObject({ name: 'What', value: 'Country' });
    expect(await jsonOf(page)).toEqual({ and: [rich, { or: [spain, vip] }] });
    await page.locator('[data-row]').nth(3).locator('[data-part]').first().focus();
    await page.keyboard.press('Alt+ArrowLeft');
    expect(await jsonOf(page)).toEqual({ and: [rich, { or: [vip] }, spain] });
    await page.keyboard.press('Control+z');
    expect(await jsonOf(page)).toEqual({ and: [rich, { or: [spain, vip] }] });
  });

  test('a row is dragged into another place', async () => {
    await begin({ and: [spain, rich, vip] });
    const from = page.locator('li.row').nth(2).locator('.handle');
    const to = page.locator('li.row').nth(0);
    await from.dragTo(to, { targetPosition: { x: 60, y: 4 } });
    expect(await jsonOf(page)).toEqual({ and: [vip, spain, rich] });
  });

  test('a row is copied as JSON and pasted below another', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await begin({ and: [spain, rich] });
    await focusRow(1);
    await page.keyboard.press('Control+c');
    expect(JSON.parse(await page.evaluate<string>('navigator.clipboard.readText()'))).toEqual(spain);
    await focusRow(2);
    await page.keyboard.press('Control+v');
    expect(await jsonOf(page)).toEqual({ and: [spain, rich, spain] });
    await page.evaluate('navigator.clipboard.writeText("no condition")');
    await page.getByRole('button', { name: 'More actions for this row' }).nth(1).click();
    await page.getByRole('menuitem', { name: 'Paste below' }).click();
    await page.getByText('The clipboard holds no condition.').waitFor({ state: 'attached' });
    expect(await jsonOf(page)).toEqual({ and: [spain, rich, spain] });
  });

  test('the keyboard goes to the next row when a row is deleted', async () => {
    await begin({ and: [spain, rich, vip] });
    await focusRow(1);
    await page.keyboard.press('Control+Delete');
    await expect.poll(() => focused(page)).toMatchObject({ name: 'What', value: 'Points' });
    expect(await jsonOf(page)).toEqual({ and: [rich, vip] });
  });

  test.each([
    ['an unknown field', { '==': [{ var: 'contry' }, 'ES'] }, 'There is no field "contry"'],
    ['a value of another type', { '>': [{ var: 'points' }, 'many'] }, 'is compared with "many"'],
    ['an empty value', { '>': [{ var: 'points' }, ''] }, 'Enter a value.'],
    ['an empty list', { in: [{ var: 'country' }, []] }, 'Enter at least one value.'],
    ['an empty group', { or: [] }, 'Add a condition.'],
    ['a day that does not exist', { '<': [{ var: 'birth_date' }, '2024-02-30'] }, 'is compared with "2024-02-30"'],
    ['an unknown operator', { between: [{ var: 'points' }, 1, 2] }, 'between'],
    ['an unknown segment', { in_segment: ['nowhere'] }, 'There is no segment "nowhere"'],
    ['a unit that does not exist', { in_last: [{ var: 'last_seen_at' }, 3, 'fortnight'] }, 'fortnight'],
    ['a column of rows', { some: [{ var: 'orders' }, { '==': [{ var: 'contry' }, 1] }] }, 'in the relation'],
  ])('%s marks its row', async (_, wrong, message) => {
    await begin({ and: [spain, wrong, vip] });
    const marked = page.locator('.row-issues').filter({ hasText: message });
    await expect.poll(() => marked.count()).toBe(1);
    const id = (await marked.getAttribute('id')) ?? '';
    const row = page.locator(`[data-row="${id.replaceAll(/\D/g, '')}"]`);
    await expect.poll(() => row.count()).toBe(1);
    const rows = await page
      .locator('li.row')
      .filter({ has: page.locator(`#${id}`) })
      .count();
    expect(rows).toBeGreaterThan(0);
    await expect.poll(() => page.getByRole('button', { name: 'Review and save' }).isDisabled()).toBe(true);
    await expect.poll(() => page.locator(SENTENCE).textContent()).toContain('One place is not ready');
  });

  test('mistakes look good, and stand at the input that has them', async () => {
    await begin({ and: [{ '>': [{ var: 'points' }, 'many'] }, { or: [] }, { in: [{ var: 'country' }, []] }] });
    const input = page.getByLabel('Value', { exact: true }).first();
    await expect.poll(() => input.getAttribute('aria-invalid')).toBe('true');
    const described = (await input.getAttribute('aria-describedby')) ?? '';
    await expect.poll(() => page.locator(`#${described}`).textContent()).toContain('many');
    await expectGoodLooks(page, 'mistakes');
    await page.locator(SENTENCE).getByRole('button').first().click();
    expect((await focused(page)).name).not.toBe('');
    await input.fill('60');
    await expect.poll(() => input.getAttribute('aria-invalid')).toBeNull();
  });

  test('a link opens the same draft, long or short, and a damaged one says so', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    for (const json of [
      { and: [spain, vip] },
      { in: [{ var: 'city' }, Array.from({ length: 3_000 }, (_, n) => `city ${n} ${HOSTILE}`)] },
    ]) {
      await begin(json);
      await page.getByLabel('Name', { exact: true }).fill(HOSTILE);
      await page.getByRole('button', { name: 'Copy link' }).click();
      await page.getByText('Copied.').waitFor();
      const link = await page.evaluate<string>('navigator.clipboard.readText()');
      expect(new URL(link).hash).toMatch(/^#[dz]=/);
      const other = await world.open('/segments', 'viewer');
      await other.goto(link);
      expect(await jsonOf(other)).toEqual(json);
      await expect.poll(() => other.getByLabel('Name', { exact: true }).inputValue()).toBe(HOSTILE);
      await other.close({ runBeforeUnload: false });
    }
    // A reload asks first, and the draft is still there.
    await page.reload();
    await expect.poll(() => page.getByLabel('Name', { exact: true }).inputValue()).toBe(HOSTILE);
    const other = await world.open('/segments/new#d=AAAA', 'editor');
    await other.getByText('cannot be read').waitFor();
    await expectGoodLooks(other, 'a damaged link');
  });

  test('leaving with changes asks, and stays where the answer is no', async () => {
    await begin({ and: [spain] });
    stays = true;
    asked.length = 0;
    await page.getByRole('link', { name: 'Contacts' }).click();
    expect(asked).toEqual(['Leave without saving? The changes stay in the link of this page only.']);
    expect(await jsonOf(page)).toEqual({ and: [spain] });
    stays = false;
    await page.getByRole('link', { name: 'Contacts' }).click();
    await page.waitForURL('**/contacts');
  });

  test('a list of 10,000 values is pasted, shown as a count, and edited as text', async () => {
    await begin({ and: [{ in: [{ var: 'points' }, [1, '2.50']] }] });
    const input = page.getByLabel('Value: add a value');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const values = Array.from({ length: 9_998 }, (_, n) => n + 10);
    await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(values.join('\n'))})`);
    await input.focus();
    await page.keyboard.press('Control+v');
    await page.getByRole('button', { name: '10,000 values: edit as text' }).waitFor();
    await expect.poll(() => page.locator('.value-chip').count()).toBeLessThan(50);
    expect(await jsonOf(page)).toEqual({ and: [{ in: [{ var: 'points' }, [1, '2.50', ...values]] }] });
    await expect.poll(() => page.locator(SENTENCE).textContent()).toContain('more');
    await page.getByRole('button', { name: '10,000 values: edit as text' }).click();
    const text = page.getByLabel('One value a line');
    await text.fill('1\n2.50\n7');
    await page.getByRole('button', { name: 'Use these values' }).click();
    expect(await jsonOf(page)).toEqual({ and: [{ in: [{ var: 'points' }, [1, '2.50', 7]] }] });
    await expectGoodLooks(page, 'a list');

    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByLabel('Name', { exact: true }).fill('Ten thousand');
    await save(page, 'Create');
    const whole = { and: [{ in: [{ var: 'points' }, [1, '2.50', ...values]] }] };
    expect((await world.segmentd.segments.show('ten_thousand')).condition).toEqual(whole);
    await page.goto(`${world.origin}/segments/ten_thousand/edit`);
    await page.getByRole('button', { name: '10,000 values: edit as text' }).waitFor();
    expect(await jsonOf(page)).toEqual(whole);
    await page.getByText('Nothing is changed.').or(page.getByTitle('Nothing is changed.')).first().waitFor();
  });

  test('60 steps go back one by one and forth again, and each shows the condition that it had', async () => {
    await begin({ and: [spain, { or: [rich, vip] }, { none: [{ var: 'orders' }, spain] }] });
    await jsonOf(page);
    // In the page itself: 180 conditions through the debugger would test the debugger.
    const { done, back, forth } = await page.evaluate<Record<'done' | 'back' | 'forth', string[]>>(`(async () => {
      // Preact draws before the next frame.
      const drawn = () => new Promise((next) => requestAnimationFrame(next));
      let seed = 42;
      const choose = (list) => list[(seed = (seed * 1103515245 + 12345) % 2147483648) % list.length];
      const all = (selector) => [...document.querySelectorAll(selector)].filter((one) => !one.disabled);
      const tab = async (name) => {
        all('[role=tab]').find((one) => one.textContent === name).click();
        await drawn();
      };
      const condition = async () => {
        await tab('JSON');
        const text = document.querySelector('.json-view textarea').value;
        await tab('Builder');
        return text;
      };
      const type = (input, text) => {
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(input, text);
        input.dispatchEvent(new Event('input', { bubbles: true }));
      };
      const click = async (name) => {
        all('button').find((one) => one.textContent === name).click();
        await drawn();
      };
      const done = [await condition()];
      // Typing on in one place is one step.
      let typed = false;
      for (let tries = 0; done.length <= 60 && tries < 1000; tries += 1) {
        const value = choose(all('#view-panel input[data-part=value]'));
        const what = choose(['type', 'add', 'delete', 'menu', 'menu']);
        if (what === 'type' && (typed || !value)) continue;
        if (what === 'type') type(value, String(tries));
        else if (what === 'add') choose(all('#view-panel [data-part=add]')).click();
        else if (what === 'delete' && all('#view-panel [data-row]').length > 4) choose(all('[aria-label="Delete this row"]')).click();
        else {
          choose(all('#view-panel [data-part=menu]')).click();
          await drawn();
          // Pasting waits for the clipboard.
          choose(all('[role=menuitem]').filter((one) => !one.textContent.startsWith('Paste'))).click();
        }
        await drawn();
        const now = await condition();
        if (now === done.at(-1)) continue;
        done.push(now);
        typed = what === 'type';
      }
      const back = [done.at(-1)];
      for (let step = 0; step < 60; step += 1) {
        await click('Undo');
        back.push(await condition());
      }
      const forth = [back.at(-1)];
      for (let step = 0; step < 60; step += 1) {
        await click('Redo');
        forth.push(await condition());
      }
      return { done, back, forth };
    })()`);
    expect(done).toHaveLength(61);
    expect(new Set(done).size).toBeGreaterThan(30);
    expect(back).toEqual(done.toReversed());
    expect(forth).toEqual(done);
  });

  test('names are text wherever they stand', async () => {
    await page.goto(`${world.origin}/segments/hostile/edit`);
    await page.getByRole('heading', { name: 'Edit' }).waitFor();
    await expect.poll(() => page.getByRole('link', { name: HOSTILE.slice(0, 20) }).textContent()).toBe(HOSTILE);
    await expect.poll(() => page.locator('img').count()).toBe(0);
    await typeJson(page, { and: [spain, { in_segment: ['hostile'] }, { '==': [{ var: 'city' }, HOSTILE] }] });
    await expectGoodLooks(page, 'hostile names');
    await expect.poll(() => page.locator('img').count()).toBe(0);
  });

  test('what a person chooses anew keeps what still fits', async () => {
    await begin({ and: [{ '>': [{ var: 'points' }, 50] }] });
    await page.getByLabel('Comparison').selectOption({ label: 'is between' });
    await page.getByLabel('To').fill('90');
    expect(await jsonOf(page)).toEqual({ and: [{ '<=': [50, { var: 'points' }, 90] }] });
    await page.getByLabel('Comparison').selectOption({ label: 'is one of' });
    expect(await jsonOf(page)).toEqual({ and: [{ in: [{ var: 'points' }, [50]] }] });
    await page.getByLabel('What', { exact: true }).focus();
    await pick(page, 'balance');
    expect(await jsonOf(page)).toEqual({ and: [{ in: [{ var: 'balance' }, [50]] }] });
    await page.getByLabel('What', { exact: true }).focus();
    await pick(page, 'number of page');
    expect(await jsonOf(page)).toEqual({ and: [{ in: [{ count: [{ var: 'page_views' }] }, [50]] }] });
    await page.getByLabel('What', { exact: true }).focus();
    await pick(page, 'tags');
    expect(await jsonOf(page)).toEqual({ and: [{ has_any: [{ var: 'tags' }, []] }] });
    await page.getByLabel('Which of these must hold').selectOption({ label: 'none of' });
    expect(await jsonOf(page)).toEqual({ '!': [{ or: [{ has_any: [{ var: 'tags' }, []] }] }] });
  });
});
