/** Random conditions in the real page: each is shown as rows and read back as JSON, unchanged. And what one keystroke costs the page. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { relationPath } from '../../../src/catalogue/catalogue.ts';
import { vocabularyOf } from '../../../src/catalogue/vocabulary.ts';
import { catalogueToJson } from '../../../src/condition/condition.ts';
import { snakeBody } from '../../../src/http/snake-body.ts';
import { skipsBrowser, type Page } from '../../support/browser.ts';
import { random } from '../../support/random.ts';
import { catalogueWith } from '../../oracle/oracle-world.ts';
import { contactScope, randomRule } from '../../oracle/random-condition.ts';
import { createPageWorld, type PageWorld } from '../page-world.ts';
import { SENTENCE, typeJson } from './builder-steps.ts';

const catalogue = catalogueWith('Europe/Madrid');

describe.skipIf(skipsBrowser)('rows and JSON', () => {
  let world: PageWorld;
  beforeAll(async () => {
    world = await createPageWorld({ worker: false });
  });
  afterAll(() => world.end());

  /** A page whose catalogue is that of the random conditions; nothing counts them. */
  async function openWithCatalogue(): Promise<Page> {
    const page = await world.open('/segments', 'editor');
    const body = {
      ...(snakeBody(vocabularyOf(catalogue, new Map(), () => false)) as object),
      checker: catalogueToJson(catalogue),
    };
    await page.route('**/api/v1/catalogue', (route) => route.fulfill({ json: body }));
    await page.route('**/api/v1/previews', (route) => route.abort());
    await page.goto(`${world.origin}/segments/new`);
    // Its code comes when it is first shown.
    await page.getByRole('tab', { name: 'JSON' }).click();
    await page.getByLabel('JsonLogic').waitFor();
    await page.getByRole('tab', { name: 'Builder' }).click();
    return page;
  }

  test('500 random conditions are the same after they were rows', async () => {
    expect([...catalogue.relations.keys()].every((name) => relationPath(catalogue, name).length > 0)).toBe(true);
    const page = await openWithCatalogue();
    const rules = Array.from({ length: 500 }, (_, n) => randomRule(contactScope(random(n), catalogue, ['a']), 3));
    // In the page itself: 500 times through the debugger would try its patience and not the page.
    const read = await page.evaluate<{ rows: number; text: string }[]>(`(async () => {
      // Preact draws before the next frame.
      const drawn = () => new Promise((next) => requestAnimationFrame(next));
      const view = async (name) => {
        [...document.querySelectorAll('[role=tab]')].find((tab) => tab.textContent === name).click();
        await drawn();
      };
      const set = Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set;
      const found = [];
      for (const json of ${JSON.stringify(rules)}) {
        await view('JSON');
        const area = document.querySelector('.json-view textarea');
        set.call(area, JSON.stringify(json));
        area.dispatchEvent(new Event('input', { bubbles: true }));
        await drawn();
        await view('Builder');
        const rows = document.querySelectorAll('[data-row]').length;
        await view('JSON');
        found.push({ rows, text: document.querySelector('.json-view textarea').value });
      }
      return found;
    })()`);
    for (const [n, json] of rules.entries())
      expect(JSON.stringify(JSON.parse(read[n]?.text ?? 'null')), `condition ${n}`).toBe(JSON.stringify(json));
    const rows = read.reduce((sum, one) => sum + one.rows, 0);
    expect(rows).toBeGreaterThan(1_500);
  }, 300_000);

  test('a keystroke in one of 50 rows changes the sentence and its own row, and draws no other row', async () => {
    const page = await openWithCatalogue();
    const r = random(7);
    const [number = ''] = [...catalogue.contacts.fields.values()]
      .filter(({ family, array, integer }) => family === 'number' && !array && !integer)
      .map(({ name }) => name);
    const rows = Array.from({ length: 50 }, (_, n) => ({ '>=': [{ var: number }, n + r.below(5)] }));
    await typeJson(page, { or: rows });
    await expect.poll(() => page.locator('li.row').count()).toBe(50);
    await page.evaluate(`
      globalThis.seen = { rows: new Set(), elsewhere: 0 };
      new MutationObserver((list) => {
        for (const { target } of list) {
          const element = target instanceof Element ? target : target.parentElement;
          const row = element?.closest('li.row');
          if (row) seen.rows.add(row.dataset.row);
          else seen.elsewhere += 1;
        }
      }).observe(document.querySelector('.condition-editor'), { subtree: true, childList: true, attributes: true, characterData: true });
      globalThis.took = [];
      const sentence = document.querySelector('${SENTENCE}');
      document.addEventListener('input', () => {
        const begun = performance.now();
        new MutationObserver((_, observer) => { took.push(performance.now() - begun); observer.disconnect(); })
          .observe(sentence, { subtree: true, childList: true, characterData: true });
      }, { capture: true });
    `);
    const input = page.locator('li.row').nth(24).getByLabel('Value');
    await input.focus();
    await page.keyboard.press('End');
    for (let n = 0; n < 40; n += 1) {
      const before = await page.locator(SENTENCE).textContent();
      await page.keyboard.type(String(n % 10));
      if (n % 8 === 7) await page.keyboard.press('Control+a');
      await page.waitForFunction(`document.querySelector('${SENTENCE}').textContent !== ${JSON.stringify(before)}`);
    }
    const seen = await page.evaluate<{ rows: string[]; elsewhere: number }>(
      '({ rows: [...seen.rows], elsewhere: seen.elsewhere })',
    );
    expect(seen.rows.length).toBeLessThanOrEqual(1);
    const took = (await page.evaluate<number[]>('took')).toSorted((a, b) => a - b);
    expect(took.length).toBeGreaterThanOrEqual(40);
    if (process.env['SAY_FIGURES'] === 'true')
      process.stdout.write(
        `keystroke to sentence: median ${took[Math.floor(took.length / 2)]} ms, p95 ${took[Math.floor(took.length * 0.95)]} ms\n`,
      );
  });
});
