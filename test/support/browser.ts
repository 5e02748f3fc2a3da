/**
 * Debian's chromium, driven by playwright-core. Without it the tests that need it are skipped in one loud line; under `CI=true` they
 * fail. A page that breaks the content security policy, throws, or loads from elsewhere fails its test.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { expect } from 'vitest';

const PLACES = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const program = PLACES.find((path) => path !== undefined && path !== '' && existsSync(path));

/** Tests that need a browser run where there is one, and in CI. */
export const skipsBrowser: boolean = program === undefined && process.env['CI'] !== 'true';
if (skipsBrowser)
  console.warn('chromium is not installed: its tests are skipped. The Debian package chromium has it (CHROMIUM=path).');

export function startBrowser(): Promise<Browser> {
  if (program === undefined) throw new Error('chromium is not installed');
  return chromium.launch({
    executablePath: program,
    // The sandbox does not start as root; the pages are our own.
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-dev-shm-usage'],
  });
}

/** What goes wrong in a page without being seen: errors, broken policies, requests to other hosts. */
export interface Watch {
  readonly faults: string[];
}

export function watchPage(page: Page, origin: string): Watch {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) faults.push(`policy: ${message.text()}`);
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !url.startsWith('data:')) faults.push(`foreign request: ${url}`);
  });
  return { faults };
}

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly help: string;
    readonly nodes: readonly { readonly target: readonly string[] }[];
  }[];
}

/** Rules of axe-core that colours decide. All others hold in one theme as in the other (test/house.test.ts). */
const OF_COLOURS = ['color-contrast', 'link-in-text-block'] as const;

/**
 * Fails when axe-core finds anything wrong with what the page shows now.
 * @param rules default: all that axe-core runs
 */
export async function expectAccessible(page: Page, where = page.url(), rules?: readonly string[]): Promise<void> {
  // Through the debugger, which the page's policy does not bind.
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(AXE);
  const options = { resultTypes: ['violations'], ...(rules ? { runOnly: rules } : {}) };
  const { violations } = await page.evaluate<AxeResult>(`axe.run(${JSON.stringify(options)})`);
  const found = violations.map(
    ({ id, help, nodes }) => `${id}: ${help} (${nodes.map((node) => node.target.join(' ')).join(', ')})`,
  );
  expect(found, where).toEqual([]);
}

/** Every theme and width in which each page must stand. */
export const LOOKS = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1360, height: 900 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1360, height: 900 } },
  { name: 'narrow', colorScheme: 'light', viewport: { width: 420, height: 900 } },
  { name: 'narrow and dark', colorScheme: 'dark', viewport: { width: 420, height: 900 } },
] as const;

/** The elements that make the page wider than its window, the innermost of each. */
const TOO_WIDE = `(() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const wide = [...document.body.querySelectorAll('*')].filter((one) => one.getBoundingClientRect().right > root.clientWidth + 0.5);
  // What has no element of its own, such as a shadow, makes it wider as well.
  if (wide.length === 0) return ['the page'];
  return wide
    .filter((one) => !wide.some((other) => other !== one && one.contains(other)))
    .map((one) => one.tagName.toLowerCase() + '.' + [...one.classList].join('.') + ' in ' + (one.parentElement?.className ?? '') + ': ' + (one.textContent ?? '').slice(0, 60));
})()`;

/** Checks the page that is shown in each look: axe finds nothing, and nothing is wider than the window. */
export async function expectGoodLooks(page: Page, where = page.url()): Promise<void> {
  for (const { name, colorScheme, viewport } of LOOKS) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    await expectAccessible(page, `${where}, ${name}`, colorScheme === 'dark' ? OF_COLOURS : undefined);
    expect(await page.evaluate<readonly string[]>(TOO_WIDE), `${where}, ${name}: wider than the window`).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(LOOKS[0].viewport);
}

export type { Browser, BrowserContext, Page };
