/** The builder by keyboard alone: each step presses keys as a person does, and reads where the keyboard is. No step clicks or fills. */
import { expect } from 'vitest';
import type { Page } from '../../support/browser.ts';
import { focused, pick } from './builder-steps.ts';

/** Presses of Tab that lead from any place of the page to any other. */
const FAR = 60;

export interface Keys {
  /** Presses a key, or keys that are held together. */
  press(key: string): Promise<void>;
  /** Goes on with Tab until the keyboard is at an element of that name. */
  to(name: string): Promise<void>;
  /** The same backwards. */
  backTo(name: string): Promise<void>;
  /** Presses the button of that name. */
  button(name: string): Promise<void>;
  /** Presses `+ Condition` and finds what the new row is about. */
  condition(what: string): Promise<void>;
  /** Finds an option of the next combobox of that name. */
  find(name: string, text: string): Promise<void>;
  /** Opens the next select of that name, goes to an option with arrows and takes it. */
  choose(name: string, option: string): Promise<void>;
  /** Types into the next input of that name, in place of what stands there. */
  type(name: string, text: string): Promise<void>;
  /** Types values into a list, each with Enter. */
  list(...values: readonly string[]): Promise<void>;
  /** Acts from the menu of the row whose controls come next. */
  menu(action: string): Promise<void>;
}

export function keysOf(page: Page): Keys {
  const press = (key: string): Promise<void> => page.keyboard.press(key);
  const go = async (name: string, key: string): Promise<void> => {
    const passed: string[] = [];
    while ((await focused(page)).name !== name) {
      passed.push((await focused(page)).name);
      expect(passed.length, `${name} is not among ${passed.join(' | ')}`).toBeLessThan(FAR);
      await press(key);
    }
  };
  const keys: Keys = {
    press,
    to: (name) => go(name, 'Tab'),
    backTo: (name) => go(name, 'Shift+Tab'),
    async button(name) {
      await keys.to(name);
      await press('Enter');
    },
    async condition(what) {
      await keys.button('+ Condition');
      await pick(page, what);
    },
    async find(name, text) {
      await keys.to(name);
      await pick(page, text);
    },
    async choose(name, option) {
      await keys.to(name);
      const steps = await page.evaluate<number>(`(() => {
        const { options, selectedIndex } = document.activeElement;
        return [...options].findIndex((one) => one.label === ${JSON.stringify(option)}) - selectedIndex;
      })()`);
      await press('Space');
      for (let n = 0; n < Math.abs(steps); n += 1) await press(steps > 0 ? 'ArrowDown' : 'ArrowUp');
      await press('Enter');
      await expect
        .poll(() => page.evaluate<string>('document.activeElement.selectedOptions?.[0]?.label ?? ""'))
        .toBe(option);
    },
    async type(name, text) {
      await keys.to(name);
      await press('Control+A');
      await page.keyboard.type(text);
    },
    async list(...values) {
      await keys.to('Value: add a value');
      for (const value of values) {
        await page.keyboard.type(value);
        await press('Enter');
      }
    },
    async menu(action) {
      await keys.button('More actions for this row');
      for (let n = 0; !(await focused(page)).name.startsWith(action); n += 1) {
        expect(n, `${action} is not in the menu`).toBeLessThan(20);
        await press('ArrowDown');
      }
      await press('Enter');
    },
  };
  return keys;
}
