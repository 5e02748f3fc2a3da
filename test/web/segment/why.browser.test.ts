/** Why a contact is in a segment or not, and what a person decides about it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectGoodLooks, skipsBrowser } from '../../support/browser.ts';
import { until } from '../../support/until.ts';
import { createPageWorld, type PageWorld } from '../page-world.ts';

describe.skipIf(skipsBrowser)('why a contact is in', () => {
  let world: PageWorld;
  beforeAll(async () => {
    world = await createPageWorld();
    const { segments } = world.segmentd;
    await segments.create({
      key: 'fresh',
      name: 'Fresh buyers',
      condition: {
        and: [
          { '==': [{ var: 'country' }, 'ES'] },
          { some: [{ var: 'orders' }, { in_last: [{ var: 'placed_at' }, 30, 'day'] }] },
        ],
      },
    });
    await segments.create({ key: 'chosen', name: 'Chosen', kind: 'static' });
    await segments.untilLive('fresh');
    await segments.untilLive('chosen');
  });
  afterAll(() => world.end());

  test('each part has value and threshold, and what time alone changes has its day', async () => {
    const page = await world.open('/segments/fresh/contacts/1');
    await page.getByRole('heading', { name: 'Why is contact 1 in?' }).waitFor();
    await page.getByText('stored and computed agree. Nothing is waiting.').waitFor();
    await expect.poll(() => page.locator('.tree > li').count()).toBe(2);
    await expect.poll(() => page.locator('.tree > li').first().innerText()).toMatch(/has ES · wants/);
    await page.locator('.next-flip', { hasText: 'Leaves' }).waitFor();
    await page.locator('.events li', { hasText: 'entered, by the first build' }).waitFor();
    await expectGoodLooks(page, 'why in');
  });

  test('a contact that is out says which part fails', async () => {
    const page = await world.open('/segments/fresh/contacts/3', 'viewer');
    await page.getByRole('heading', { name: 'Why is contact 3 not in?' }).waitFor();
    await expect
      .poll(() => page.locator('.tree > li').nth(1).getByRole('img').getAttribute('aria-label'))
      .toBe('does not hold');
    await expect.poll(() => page.getByRole('button', { name: /this contact/ }).count()).toBe(0);
    await expectGoodLooks(page, 'why out, viewer');
  });

  test('a personal value is masked until it is revealed, and a viewer may not', async () => {
    const { segments } = world.segmentd;
    await segments.create({ key: 'mail', condition: { '==': [{ var: 'email' }, 'c@x'] } });
    await segments.untilLive('mail');
    const page = await world.open('/segments/mail/contacts/3', 'editor');
    await page.getByText('has •••', { exact: false }).waitFor();
    await expectGoodLooks(page, 'masked');
    await page.getByLabel('Reveal personal values').check();
    await page.getByText('has c@x').waitFor();
    const viewer = await world.open('/segments/mail/contacts/3', 'viewer');
    await viewer.getByText('has •••', { exact: false }).waitFor();
    await expect.poll(() => viewer.getByLabel('Reveal personal values').count()).toBe(0);
  });

  test('a contact that is not there says so', async () => {
    const page = await world.open('/segments/fresh/contacts/999999');
    await page.getByRole('heading', { name: 'There is no contact 999999' }).waitFor();
    await expectGoodLooks(page, 'no contact');
    await page.goto(`${world.origin}/segments/fresh/contacts/no-key`);
    await page.getByRole('alert').waitFor();
    await expectGoodLooks(page, 'no key');
  });

  test('a person includes a contact with a note and an end, and takes it back, by keyboard alone', async () => {
    const page = await world.open('/segments/fresh/contacts/3', 'editor');
    await page.getByRole('button', { name: 'Include this contact…' }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Contact 3' });
    await dialog.getByLabel(/Note/).focus();
    await page.keyboard.type('<b>vip</b>');
    await dialog.getByLabel(/Until/).fill('2099-01-31T12:00');
    await expectGoodLooks(page, 'include');
    await dialog.getByRole('button', { name: 'Include', exact: true }).focus();
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('heading', { name: 'Why is contact 3 in?' }).waitFor();
    await page.getByText('Included by ana').waitFor();
    await page.getByText('<b>vip</b>', { exact: true }).waitFor();
    await expectGoodLooks(page, 'included');
    const [one] = await world.segmentd.overrides.list('fresh');
    expect([one?.note, one?.expiresAt]).toEqual(['<b>vip</b>', '2099-01-31T11:00:00.000000Z']);

    await page.goto(`${world.origin}/segments/fresh?tab=overrides`);
    await page.getByRole('row', { name: /included/ }).waitFor();
    await expectGoodLooks(page, 'exceptions');
    await page.getByRole('button', { name: 'Take back the decision about contact 3' }).click();
    await page.getByText('there is no exception').waitFor();
    await until(async () => (await world.segmentd.segments.show('fresh')).members === 1);
  });

  test('a past end is refused, and nothing that was typed is lost', async () => {
    const page = await world.open('/segments/fresh/contacts/3', 'editor');
    await page.getByRole('button', { name: 'Include this contact…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/Note/).fill('kept');
    await dialog.getByLabel(/Until/).fill('2001-01-31T12:00');
    await dialog.getByRole('button', { name: 'Include', exact: true }).click();
    await dialog.getByText(/has passed/).waitFor();
    await expect.poll(() => dialog.getByLabel(/Note/).inputValue()).toBe('kept');
    await expectGoodLooks(page, 'refused');
  });

  test('contacts are added to a static segment, and those that are not there are named', async () => {
    const page = await world.open('/segments/chosen?tab=overrides', 'editor');
    await page.getByText('No contact was added yet.').waitFor();
    await page.locator('.tab').getByRole('button', { name: 'Add or remove…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add or remove contacts' });
    await dialog.getByLabel(/Keys of contacts/).fill('1\n2\n777777');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.getByText('777777').waitFor();
    await dialog.getByText(/3 contacts named, 2 changed/).waitFor();
    await expectGoodLooks(page, 'added');
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('row', { name: /added/ }).first().waitFor();
    await until(async () => (await world.segmentd.segments.show('chosen')).members === 2);
  });
});
