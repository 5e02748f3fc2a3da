/** Saving: two editors, the guard, refusals, a server that stops, static segments of many keys, snapshots. Nothing that was typed is lost. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectGoodLooks, skipsBrowser, type Page } from '../../support/browser.ts';
import { createPageWorld, type PageWorld } from '../page-world.ts';
import { jsonOf, save, SENTENCE, typeJson } from './builder-steps.ts';

const everyone = { '!': [{ is_empty: [{ var: 'created_at' }] }] };
/** Conditions on addresses that no contact has: saving them moves no member, so the guard does not ask. */
const addressed = (address: string) => ({ '==': [{ var: 'email' }, address] });
const spain = addressed('es');

describe.skipIf(skipsBrowser)('saving', { timeout: 180_000 }, () => {
  let world: PageWorld;
  beforeAll(async () => {
    world = await createPageWorld({ shop: { contacts: 12_000, items: false, orders: 100, pageViews: 100 } });
    for (const key of ['shared', 'watched', 'stopped', 'refused'])
      await world.segmentd.segments.create({ key, name: key, condition: key === 'watched' ? everyone : spain });
    await world.segmentd.segments.untilLive('watched');
  }, 240_000);
  afterAll(() => world.end());

  async function edit(key: string): Promise<Page> {
    const page = await world.open(`/segments/${key}/edit`, 'editor');
    await page.getByRole('heading', { name: 'Edit' }).waitFor();
    return page;
  }

  test('two editors: both edits are shown, mine goes on top of theirs, and undo brings mine back', async () => {
    const mine = await edit('shared');
    await typeJson(mine, { and: [spain, { var: 'vip' }] });
    await world.segmentd.segments.edit('shared', { name: 'Theirs', description: 'By a colleague' });
    await mine.getByRole('button', { name: 'Review and save' }).click();
    const dialog = mine.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await dialog.getByRole('heading', { name: 'This segment was saved meanwhile' }).waitFor();
    await expect
      .poll(() => dialog.getByRole('region', { name: 'Their version' }).textContent())
      .toContain('By a colleague');
    await expect.poll(() => dialog.getByRole('region', { name: 'Your draft' }).textContent()).toMatch(/VIP/i);
    await expectGoodLooks(mine, 'conflict');
    await dialog.getByRole('button', { name: 'Put mine on top and review' }).click();
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await mine.waitForURL((url) => !url.pathname.endsWith('/edit'));
    const after = await world.segmentd.segments.show('shared');
    expect([after.name, after.description, after.condition]).toEqual([
      'Theirs',
      'By a colleague',
      { and: [spain, { var: 'vip' }] },
    ]);
  });

  test('two editors of the condition: theirs is taken, and undo brings mine back', async () => {
    const mine = await edit('shared');
    const before = await jsonOf(mine);
    await typeJson(mine, { and: [addressed('fr')] });
    await world.segmentd.segments.edit('shared', { condition: { and: [addressed('it')] } });
    await mine.getByRole('button', { name: 'Review and save' }).click();
    await mine.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
    await mine.getByText('Both changed: who is in.').waitFor();
    await mine.getByRole('button', { name: 'Take their version' }).click();
    expect(await jsonOf(mine)).toEqual({ and: [addressed('it')] });
    await mine.getByRole('button', { name: 'Undo' }).click();
    expect(await jsonOf(mine)).toEqual({ and: [addressed('fr')] });
    await save(mine, 'Save');
    const after = await world.segmentd.segments.show('shared');
    expect(after.condition).toEqual({ and: [addressed('fr')] });
    expect(before).not.toEqual(after.condition);
  });

  test('an edit that moves many asks for the number that leave', async () => {
    const page = await edit('watched');
    await typeJson(page, { '==': [{ var: 'country' }, 'ES'] });
    await page.getByRole('button', { name: 'Review and save' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText(/leave/).waitFor();
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    const input = dialog.getByLabel(/^Type [\d,]+ to let it through$/);
    await input.waitFor();
    const [number = ''] = /[\d,]+/.exec((await dialog.locator('label').textContent()) ?? '') ?? [];
    await expect.poll(() => dialog.getByRole('button', { name: 'Save', exact: true }).isDisabled()).toBe(true);
    await expectGoodLooks(page, 'guarded');
    await input.fill(`${Number(number.replaceAll(',', '')) + 1}`);
    await expect.poll(() => dialog.getByRole('button', { name: 'Save', exact: true }).isDisabled()).toBe(true);
    await input.fill(number);
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await page.waitForURL((url) => !url.pathname.endsWith('/edit'));
    expect((await world.segmentd.segments.show('watched')).condition).toEqual({ '==': [{ var: 'country' }, 'ES'] });
  });

  test('what only the server refuses stands at its row, and the next edit takes it away', async () => {
    const page = await edit('refused');
    await typeJson(page, { and: [spain, { var: 'vip' }] });
    await page.route('**/api/v1/segments/refused', (route) =>
      route.request().method() === 'PATCH'
        ? route.fulfill({
            status: 422,
            contentType: 'application/problem+json',
            body: JSON.stringify({
              type: 'about:blank',
              title: 'Unprocessable Content',
              status: 422,
              detail: 'The condition is refused.',
              code: 'refused-condition',
              issues: [{ code: 'too-slow', pointer: '/and/1', message: 'The plan is too expensive.' }],
            }),
          })
        : route.continue(),
    );
    await page.getByRole('button', { name: 'Review and save' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Save', exact: true }).click();
    const issue = page.locator('.row-issues').filter({ hasText: 'The plan is too expensive.' });
    await issue.waitFor();
    await expect.poll(() => page.locator('li.row').nth(1).filter({ has: issue }).count()).toBe(1);
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    await expectGoodLooks(page, 'refused by the server');
    await page.locator('li.row').nth(1).getByLabel('Comparison').selectOption({ label: 'is not yes' });
    await issue.waitFor({ state: 'detached' });
    await expect.poll(() => page.locator(SENTENCE).textContent()).not.toContain('not ready');
  });

  test('a server that stops keeps the draft, and saving goes on when it is back', async () => {
    const page = await edit('stopped');
    await typeJson(page, { and: [spain, { var: 'vip' }] });
    await world.stopServer();
    await page.getByRole('button', { name: 'Review and save' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Save', exact: true }).click();
    await dialog.getByText('The server does not answer.', { exact: true }).waitFor();
    await expectGoodLooks(page, 'disconnected');
    await dialog.getByRole('button', { name: 'Back to the draft' }).click();
    expect(await jsonOf(page)).toEqual({ and: [spain, { var: 'vip' }] });
    await world.startServer();
    await save(page, 'Save');
    expect((await world.segmentd.segments.show('stopped')).condition).toEqual({ and: [spain, { var: 'vip' }] });
  });

  test('a static segment is made of a column of a CSV file; unknown keys are named', async () => {
    const page = await world.open('/segments/new', 'editor');
    await page.getByLabel('Name', { exact: true }).fill('Fair visitors');
    await page.getByLabel('Kind').selectOption('static');
    await expectGoodLooks(page, 'static');
    const lines = Array.from({ length: 11_500 }, (_, n) => `"visitor; ${n}";${n + 1}`);
    await page.getByLabel('Or a CSV file').setInputFiles({
      name: 'fair.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(`name;contact id\r\n${lines.join('\r\n')}\r\nnobody;999999\r\n`),
    });
    await page.getByText('First key: 1').waitFor();
    await expect.poll(() => page.getByLabel('Column with the keys').inputValue()).toBe('1');
    await expectGoodLooks(page, 'a file');
    await page.getByRole('button', { name: 'Review and save' }).click();
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await page.getByText('1 key is no contact and was left out').waitFor();
    await expect.poll(() => page.getByLabel('Unknown keys').inputValue()).toBe('999999');
    await expectGoodLooks(page, 'unknown keys');
    expect((await world.segmentd.segments.show('fair_visitors')).kind).toBe('static');
    const [row] = await world.world.database.query<{ count: string }>(
      `select count(*) from segmentd.override o join segmentd.segment s on s.id = o.segment_id where s.key = 'fair_visitors'`,
    );
    expect(row?.count).toBe('11500');
    await page.getByRole('button', { name: 'Open the segment' }).click();
    await page.waitForURL('**/segments/fair_visitors');
  });

  test('a file of 60,000 keys goes in parts, each once and in order, also when one fails and a person stops it', async () => {
    const page = await world.open('/segments/new', 'editor');
    await page.getByLabel('Name', { exact: true }).fill('Long list');
    await page.getByLabel('Kind').selectOption('static');
    // Every fifth key is a contact.
    const keys = Array.from({ length: 60_000 }, (_, n) => (n % 5 === 0 ? n / 5 + 1 : 1_000_000 + n));
    await page.getByLabel('Or a CSV file').setInputFiles({
      name: 'long.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(`id\r\n${keys.join('\r\n')}\r\n`),
    });
    await page.getByText('First key: 1').waitFor();
    const asked: (readonly string[])[] = [];
    const answeredParts: (readonly string[])[] = [];
    let atFifth = (): void => {};
    const fifth = new Promise<void>((settle) => (atFifth = settle));
    await page.route('**/api/v1/segments/long_list/overrides', async (route) => {
      const { contacts } = route.request().postDataJSON() as { readonly contacts: readonly string[] };
      asked.push(contacts);
      if (asked.length === 3) return route.abort('connectionreset');
      if (asked.length === 6) {
        // The fifth part waits until a person has stopped it.
        atFifth();
        return undefined;
      }
      answeredParts.push(contacts);
      return route.continue();
    });
    await page.getByRole('button', { name: 'Review and save' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await dialog.getByRole('alert').waitFor();
    await dialog.getByText('20,000 keys sent, 4,000 contacts added').waitFor();
    await expectGoodLooks(page, 'a part that failed');
    await dialog.getByRole('button', { name: 'Send the rest' }).click();
    await fifth;
    await dialog.getByRole('button', { name: 'Stop' }).click();
    await dialog.getByText('Stopped. What was sent is in the segment.').waitFor();
    await dialog.getByText('40,000 keys sent, 8,000 contacts added').waitFor();
    await expectGoodLooks(page, 'stopped');
    await dialog.getByRole('button', { name: 'Send the rest' }).click();
    await dialog.getByText('48,000 keys are no contacts and were left out').waitFor();
    await dialog.getByText('60,000 keys sent, 12,000 contacts added').waitFor();
    await dialog.getByText('The first 1,000 are listed.').waitFor();
    expect(asked.map((part) => part.length)).toEqual(Array.from({ length: 8 }, () => 10_000));
    expect(answeredParts.flat()).toEqual(keys.map(String));
    await world.segmentd.admin.wait();
    const [row] = await world.world.database.query<{ count: string; last: string }>(
      `select count(*), max(m.contact_id) as last from segmentd.membership m join segmentd.segment s on s.id = m.segment_id where s.key = 'long_list'`,
    );
    expect(row).toEqual({ count: '12000', last: '12000' });
    expect(await world.segmentd.admin.verify({ key: 'long_list' })).toMatchObject([{ missing: [], extra: [] }]);
  });

  test('before a segment is created, the dialog says how many would be in', async () => {
    const page = await world.open('/segments/new', 'editor');
    await page.getByLabel('Name', { exact: true }).fill('Of Spain');
    await page.getByRole('button', { name: '+ Condition' }).click();
    await page.keyboard.type('country');
    await page.keyboard.press('Enter');
    const value = page.getByLabel('Value');
    await expect.poll(() => value.getAttribute('placeholder')).toBe('empty text');
    await value.fill('ES');
    await page.getByText('Counted exactly').waitFor();
    const [row] = await world.world.database.query<{ count: number }>(
      `select count(*)::int as count from public.contacts where country = 'ES'`,
    );
    await page.getByRole('button', { name: 'Review and save' }).click();
    await page
      .getByRole('dialog')
      .getByText(`${(row?.count ?? 0).toLocaleString('en')} contacts would be in.`)
      .waitFor();
    await expectGoodLooks(page, 'review of a new segment');
  });

  test('a snapshot is taken of a segment, or of a condition', async () => {
    const page = await world.open('/segments/new', 'editor');
    await page.getByLabel('Name', { exact: true }).fill('Then');
    await page.getByLabel('Kind').selectOption('snapshot');
    await page.getByLabel('Taken of').fill('watched');
    await page.keyboard.press('Enter');
    await expectGoodLooks(page, 'snapshot');
    await save(page, 'Create');
    expect(await world.segmentd.segments.show('then')).toMatchObject({ kind: 'snapshot' });
    await page.goto(`${world.origin}/segments/new`);
    await page.getByLabel('Name', { exact: true }).fill('Now');
    await page.getByLabel('Kind').selectOption('snapshot');
    await typeJson(page, spain);
    await save(page, 'Create');
    expect(await world.segmentd.segments.show('now')).toMatchObject({ kind: 'snapshot' });
  });
});
