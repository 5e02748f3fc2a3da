/** The server stops under each kind of page and comes back: the page says so, keeps what was typed, and is right again by itself. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectGoodLooks, skipsBrowser, type Page } from '../support/browser.ts';
import { until } from '../support/until.ts';
import { jsonOf, typeJson } from './builder/builder-steps.ts';
import { createPageWorld, type PageWorld } from './page-world.ts';

const SPAIN = { '==': [{ var: 'country' }, 'ES'] };
const CONFIG = `
contacts: { table: public.contacts, key: id, created: created_at, display: [email, country] }
relations: { orders: { table: public.orders, contact: contact_id, time: placed_at } }
timezone: Europe/Madrid
`;

interface Watched {
  readonly path: string;
  /** The page shows what the database holds. */
  readonly before: (page: Page) => Promise<void>;
  /** What a person types. */
  readonly type?: (page: Page) => Promise<void>;
  /** What stands there while the server is away. */
  readonly kept: (page: Page) => Promise<void>;
  /** The page shows what changed meanwhile, and what was typed. */
  readonly after: (page: Page) => Promise<void>;
}

/** Contact 1 leaves Spain while the server is away, Spain gets another name, and a schedule fails. */
const PAGES: Readonly<Record<string, Watched>> = {
  segment: {
    path: '/segments/spain?tab=overrides',
    before: (page) => page.locator('.facts b', { hasText: /^2$/ }).waitFor(),
    async type(page) {
      await page.getByRole('button', { name: 'Include or exclude…' }).first().click();
      await page.getByLabel('Keys of contacts, one a line').fill('2');
      await page.getByLabel('Note: why, for others to read').fill('She asked for it');
    },
    async kept(page) {
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: 'Include', exact: true }).click();
      await dialog.getByText('The server does not answer.').waitFor();
      await expect.poll(() => dialog.getByLabel('Note: why, for others to read').inputValue()).toBe('She asked for it');
      await expect.poll(() => dialog.getByLabel('Keys of contacts, one a line').inputValue()).toBe('2');
    },
    async after(page) {
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: 'Include', exact: true }).click();
      await dialog.getByText('1 contact named, 1 changed.').waitFor();
      await dialog.getByRole('button', { name: 'Close' }).click();
      await page.getByText('She asked for it').waitFor();
      await page.getByRole('heading', { name: 'España' }).waitFor();
      await page.locator('.facts b', { hasText: /^2$/ }).waitFor();
    },
  },
  contact: {
    path: '/contacts/1',
    before: (page) => page.getByRole('heading', { name: 'In 1 segment' }).waitFor(),
    async type(page) {
      await page.getByRole('combobox', { name: 'Segment to ask about' }).fill('spa');
    },
    async kept(page) {
      await expect.poll(() => page.getByRole('combobox', { name: 'Segment to ask about' }).inputValue()).toBe('spa');
      await expect.poll(() => page.getByRole('heading', { name: 'In 1 segment' }).isVisible()).toBe(true);
    },
    after: (page) => page.getByRole('heading', { name: 'In no segment' }).waitFor(),
  },
  why: {
    path: '/segments/spain/contacts/1',
    before: (page) => page.getByRole('heading', { name: 'Why is contact 1 in?' }).waitFor(),
    async kept(page) {
      await expect.poll(() => page.getByRole('heading', { name: 'Why is contact 1 in?' }).isVisible()).toBe(true);
    },
    after: (page) => page.getByRole('heading', { name: 'Why is contact 1 not in?' }).waitFor(),
  },
  contacts: {
    path: '/contacts',
    before: (page) => page.getByRole('cell', { name: 'a@x' }).waitFor(),
    async type(page) {
      await page.getByLabel('Find a contact').fill('PT');
      await page.getByRole('cell', { name: 'a@x' }).waitFor({ state: 'hidden' });
    },
    async kept(page) {
      await page.getByLabel('Find a contact').fill('FR');
      await until(() => page.url().endsWith('find=FR'));
    },
    async after(page) {
      await page.getByRole('cell', { name: 'a@x' }).waitFor();
      await expect.poll(() => page.getByLabel('Find a contact').inputValue()).toBe('FR');
    },
  },
  status: {
    path: '/status',
    before: (page) => page.getByText('works', { exact: true }).waitFor(),
    async kept(page) {
      await expect.poll(() => page.getByText('works', { exact: true }).isVisible()).toBe(true);
    },
    after: (page) => page.getByText('The folder is not there.').waitFor(),
  },
  'new segment': {
    path: '/segments/new',
    before: (page) => page.getByRole('button', { name: '+ Condition', exact: true }).waitFor(),
    async type(page) {
      await page.getByLabel('Name', { exact: true }).fill('Unsaved');
      await typeJson(page, { and: [{ '==': [{ var: 'country' }, 'PT'] }] });
      await page.getByText('Counted exactly').waitFor();
    },
    async kept(page) {
      await page.getByLabel('Value', { exact: true }).fill('ES');
      await page.getByText('The server does not answer. Trying again…').waitFor();
      expect(await jsonOf(page)).toEqual({ and: [SPAIN] });
    },
    async after(page) {
      await page.getByText('1 in · 3 out').waitFor();
      await expect.poll(() => page.getByLabel('Name', { exact: true }).inputValue()).toBe('Unsaved');
      expect(await jsonOf(page)).toEqual({ and: [SPAIN] });
      await page.getByRole('button', { name: 'Review and save' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Create', exact: true }).click();
      await page.waitForURL('**/segments/unsaved');
    },
  },
  'edit of a segment': {
    path: '/segments/spain/edit',
    before: (page) => page.getByRole('heading', { name: 'Edit' }).waitFor(),
    async type(page) {
      await page.getByText('Description, tags').click();
      await page.getByLabel('Description').fill('Typed before');
    },
    async kept(page) {
      await page.getByLabel('Description').fill('Typed while it was away');
    },
    async after(page) {
      await expect.poll(() => page.getByLabel('Description').inputValue()).toBe('Typed while it was away');
      expect(await jsonOf(page)).toEqual(SPAIN);
    },
  },
};

describe.skipIf(skipsBrowser)('a server that stops and comes back', { timeout: 300_000 }, () => {
  let world: PageWorld;
  beforeAll(async () => {
    world = await createPageWorld({ config: CONFIG });
    const { segments, schedules } = world.segmentd;
    await segments.create({ key: 'spain', name: 'Spain', condition: SPAIN });
    await segments.untilLive('spain');
    await schedules.add({ key: 'spain', cron: '0 6 * * *', columns: ['email'] });
  });
  afterAll(() => world.end());

  test('every kind of page says so, keeps what was typed, and is right again without a reload', async () => {
    const { query } = world.world.database;
    const opened: [string, Watched, Page][] = [];
    for (const [name, watched] of Object.entries(PAGES)) {
      const page = await world.open(watched.path, 'admin');
      await watched.before(page);
      await watched.type?.(page);
      // A reload would take this away.
      await page.evaluate('globalThis.isTheSame = true');
      opened.push([name, watched, page]);
    }
    await world.stopServer();
    await query(`update public.contacts set country = 'FR' where id = 1`);
    await query(`update segmentd_internal.schedule set error = '{"message": "The folder is not there."}'`);
    await world.segmentd.segments.edit('spain', { name: 'España' });
    await until(async () => (await world.segmentd.segments.show('spain')).members === 1);
    for (const [name, watched, page] of opened) {
      await page.getByText(/The server does not answer since/).waitFor();
      await watched.kept(page);
      await expectGoodLooks(page, `${name}, disconnected`);
    }
    await world.startServer();
    for (const [name, watched, page] of opened) {
      await page.getByText(/The server does not answer since/).waitFor({ state: 'hidden' });
      await watched.after(page);
      expect(await page.evaluate('globalThis.isTheSame'), name).toBe(true);
    }
  });

  test('a page that is opened while the server is away says so, and comes when the server does', async () => {
    const page = await world.open('/segments', 'viewer');
    await page.getByRole('heading', { name: 'Segments', exact: true }).waitFor();
    await world.stopServer();
    await page.getByRole('link', { name: 'Contacts' }).click();
    await page.getByRole('heading', { name: 'Not loaded' }).waitFor();
    await page.getByText(/The server does not answer since/).waitFor();
    await expectGoodLooks(page, 'a page that is not loaded');
    await world.startServer();
    await page.getByRole('cell', { name: 'a@x' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/contacts');
  });
});
