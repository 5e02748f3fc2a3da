/** Keys that are texts, with signs that mean something in an address, and keys that are UUIDs: at every address of the page and of the API. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { skipsBrowser, type Page } from '../support/browser.ts';
import { createPageWorld, type PageWorld } from './page-world.ts';
import { save, SENTENCE } from './builder/builder-steps.ts';

const TEXTS = [
  'a/b?c#d%2f',
  'two words',
  '100% + 50 & more',
  '<img src=x>',
  'back\\slash',
  '🦊 طويل',
  'it\'s "quoted", a;b',
];
const UUIDS = ['6f1c2a0e-5b1d-4c8e-9a3f-0d2b7e4c1a55', '00000000-0000-0000-0000-000000000001'];

describe.skipIf(skipsBrowser).each([
  { type: 'text', keys: TEXTS, typed: TEXTS },
  { type: 'uuid', keys: UUIDS, typed: UUIDS.map((key) => key.toUpperCase()) },
])('keys of the type $type', { timeout: 180_000 }, ({ type, keys, typed }) => {
  let world: PageWorld;
  let page: Page;
  beforeAll(async () => {
    const rows = keys.map((key) => `('${key.replaceAll("'", "''")}', 'x', 'ES')`);
    world = await createPageWorld({
      tables: `create table public.contacts (id ${type} primary key, email text, country text);
        insert into public.contacts values ${rows.join(', ')}`,
      config: `
contacts: { table: public.contacts, key: id, display: [country] }
fields: { country: { column: country, labels: { ES: Spain, PT: Portugal } } }
`,
    });
    await world.segmentd.segments.create({ key: 'spain', condition: { '==': [{ var: 'country' }, 'ES'] } });
    await world.segmentd.segments.untilLive('spain');
    page = await world.open('/segments/spain', 'editor');
  });
  afterAll(() => world.end());

  test('the list of members leads to the why of each, and the why to the contact', async () => {
    for (const key of keys) {
      await page.goto(`${world.origin}/segments/spain`);
      await page.getByRole('link', { name: key, exact: true }).click();
      const why = page.getByRole('complementary', { name: `Contact ${key}` });
      await why.getByRole('heading', { name: `Why is contact ${key} in?` }).waitFor();
      await why.getByRole('link', { name: 'Own page' }).click();
      await page.getByRole('heading', { name: `Why is contact ${key} in?` }).waitFor();
      await page.getByRole('link', { name: 'All segments of this contact' }).click();
      await page.getByRole('heading', { name: 'In 1 segment' }).waitFor();
      // The address opens the same page anew.
      await page.reload();
      await page.getByRole('heading', { name: 'In 1 segment' }).waitFor();
      expect(decodeURIComponent(new URL(page.url()).pathname)).toBe(`/contacts/${key}`);
    }
  });

  test('an address that is cut off shows that there is no such page', async () => {
    await page.goto(`${world.origin}/contacts/%E0%A4%A`);
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
  });

  test('the API answers for each, as it is typed', async () => {
    for (const [n, key] of keys.entries()) {
      const id = encodeURIComponent(typed[n] ?? '');
      const read = (path: string) =>
        page.evaluate<{ contact_id?: string; items?: { contact_id: string }[]; segments?: unknown[] }>(
          `fetch(${JSON.stringify(`/api/v1${path}`)}).then((answer) => answer.json())`,
        );
      expect((await read(`/contacts/${id}`)).segments).toHaveLength(1);
      expect(await read(`/segments/spain/explanations/${id}`)).toMatchObject({ contact: typed[n], computed: true });
      expect((await read(`/segments/spain/members?find=${id}`)).items).toMatchObject([{ contact_id: key }]);
      expect((await read(`/segments/spain/events?contact=${id}`)).items).toMatchObject([{ contact_id: key }]);
      expect((await read(`/contacts?find=${id}`)).items).toMatchObject([{ contact_id: key }]);
    }
  });

  test('a static segment is made of pasted keys, and tried contacts are found', async () => {
    await page.goto(`${world.origin}/segments/new`);
    await page.getByLabel('Name', { exact: true }).fill('Pasted');
    await page.getByLabel('Kind').selectOption('static');
    await page.getByLabel('Keys of contacts, one a line').fill(typed.join('\n'));
    await save(page, 'Create');
    await expect
      .poll(async () => (await world.segmentd.members.list('pasted')).map(({ contactId }) => contactId).toSorted())
      .toEqual(keys.toSorted());
    await page.goto(`${world.origin}/segments/spain/edit`);
    // The words of values are what a person chooses among.
    await expect
      .poll(() => page.getByLabel('Value', { exact: true }).locator('option').allTextContents())
      .toEqual(['Spain', 'Portugal']);
    await page.locator(SENTENCE).getByText('Country is Spain.').waitFor();
    for (const key of typed) {
      await page.getByLabel('Contact', { exact: true }).fill(key);
      await page.getByRole('option', { name: key }).first().click();
      await page.getByText('✓ Would be in').waitFor();
      await page.getByRole('button', { name: 'Stop' }).click();
    }
  });
});
