/** Steps that tests of the builder share, as a person takes them. */
import { expect } from 'vitest';
import type { Page } from '../../support/browser.ts';

export const SENTENCE = 'section[aria-label="In words"]';

/** The condition as the page's own JSON view has it. */
export async function jsonOf(page: Page): Promise<unknown> {
  await page.getByRole('tab', { name: 'JSON' }).click();
  const text = await page.getByLabel('JsonLogic').inputValue();
  await page.getByRole('tab', { name: 'Builder' }).click();
  return JSON.parse(text) as unknown;
}

export async function typeJson(page: Page, json: unknown): Promise<void> {
  await page.getByRole('tab', { name: 'JSON' }).click();
  await page.getByLabel('JsonLogic').fill(typeof json === 'string' ? json : JSON.stringify(json));
  await page.getByRole('tab', { name: 'Builder' }).click();
}

/** Reviews and saves, and waits for the segment's page. */
export async function save(page: Page, button: 'Save' | 'Create'): Promise<void> {
  await page.getByRole('button', { name: 'Review and save' }).click();
  await page.getByRole('dialog').getByRole('button', { name: button, exact: true }).click();
  await page.waitForURL((url) => !/\/(new|edit)$/.test(url.pathname));
}

/** Where the keyboard is: the name and the value of the focused element; a name of '' where no control has it. */
export async function focused(page: Page): Promise<{ readonly name: string; readonly value: string }> {
  return page.evaluate<{ name: string; value: string }>(`(() => {
    const at = document.activeElement;
    if (at === document.body) return { name: '', value: '' };
    const [label] = at.labels ?? [];
    return { name: at.getAttribute('aria-label') ?? label?.firstChild?.textContent.trim() ?? at.textContent, value: at.value ?? '' };
  })()`);
}

/** Chooses out of a combobox that has the keyboard. */
export async function pick(page: Page, text: string): Promise<void> {
  await expect.poll(() => page.evaluate<string | null>(`document.activeElement.getAttribute('role')`)).toBe('combobox');
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
}
