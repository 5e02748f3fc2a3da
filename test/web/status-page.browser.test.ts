/** The page of the status and the audit, in a real browser over a real database. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectGoodLooks, skipsBrowser } from '../support/browser.ts';
import { CONFIG } from '../cli/cli-world.ts';
import { createPageWorld, type PageWorld } from './page-world.ts';

const HOSTILE = '<img src=x onerror=alert(1)> שלום 🎉';
const RANKS = `ranks: { spent: { by: { sum: [{ map: [{ var: orders }, { var: total }] }] }, into: 2, every: 1h } }`;

describe.skipIf(skipsBrowser)('the status of an installation without a worker', () => {
  let world: PageWorld;
  beforeAll(async () => {
    world = await createPageWorld({ worker: false });
    await world.segmentd.segments.create({ key: 'spain', condition: { '==': [{ var: 'country' }, 'ES'] } });
  });
  afterAll(() => world.end());

  test('it says that no worker runs, what waits, and what fixes it; the admin sees findings', async () => {
    const page = await world.open('/status', 'admin');
    await page.getByText('No worker runs: members stand still.').waitFor();
    await page.getByText('segmentd run', { exact: true }).waitFor();
    await page.getByRole('heading', { name: 'Being counted' }).waitFor();
    await page.getByRole('link', { name: 'spain' }).waitFor();
    await page.getByText('Check again').waitFor();
    const findings = page.getByRole('region', { name: 'The installation' });
    await expect.poll(() => findings.getByRole('listitem').count()).toBeGreaterThan(0);
    await expectGoodLooks(page, 'status without a worker');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy the command' }).first().click();
    await page.getByText('Copied').first().waitFor();
    await expect.poll(() => page.evaluate('navigator.clipboard.readText()')).toBe('segmentd run');
  });

  test('a viewer sees the status, and who sees more', async () => {
    const page = await world.open('/status', 'viewer');
    await page.getByText('An admin also sees here').waitFor();
    await expect.poll(() => page.getByRole('link', { name: 'Audit' }).count()).toBe(0);
    await expect.poll(() => page.getByRole('button', { name: /^Check/ }).count()).toBe(0);
    await expectGoodLooks(page, 'status of a viewer');
  });

  test('a worker that starts, and members that it counts, show without a reload', async () => {
    const page = await world.open('/status', 'viewer');
    await page.getByText('No worker runs').waitFor();
    const worker = world.segmentd.worker({ pollInterval: 200 });
    await worker.start();
    try {
      await page.getByRole('cell', { name: String(process.pid) }).waitFor();
      await page.getByText('works', { exact: true }).waitFor();
      await page.getByRole('heading', { name: 'Being counted' }).waitFor({ state: 'hidden' });
      await expectGoodLooks(page, 'status with a worker');
    } finally {
      await worker.stop();
    }
  });

  test('a schedule that cannot run says why', async () => {
    await world.segmentd.schedules.add({ key: 'spain', cron: '0 6 * * *', columns: ['email'] });
    await world.world.database.query(
      `update segmentd_internal.schedule set error = '{"message": "The folder is not there."}'`,
    );
    const page = await world.open('/status', 'viewer');
    await page.getByText('The folder is not there.').waitFor();
    await expectGoodLooks(page, 'status with a failing schedule');
  });

  test('the audit says who did what, and is narrowed by person, segment and action; a viewer learns that it is not his', async () => {
    await world.segmentd.segments.edit('spain', { name: HOSTILE });
    const page = await world.open('/audit', 'admin');
    await page.getByRole('cell', { name: 'edited a segment' }).first().waitFor();
    await expect.poll(() => page.locator('main img').count()).toBe(0);
    await expectGoodLooks(page, 'audit');
    await page.getByLabel('Action').selectOption('sign-in');
    await page.getByRole('cell', { name: 'edited a segment' }).first().waitFor({ state: 'hidden' });
    await page.getByRole('cell', { name: 'signed in' }).first().waitFor();
    await page.getByLabel('Person').fill('no such person');
    await page.getByText('Nothing of that kind was done.').waitFor();
    await page.waitForURL(/actor=no/);
    await expectGoodLooks(page, 'audit without entries');
    const viewer = await world.open('/audit', 'viewer');
    await viewer.getByRole('alert').waitFor();
    await expectGoodLooks(viewer, 'audit of a viewer');
  });

  test('tokens of programs are listed', async () => {
    await world.segmentd.access.addToken({ name: 'shop', role: 'viewer' });
    const page = await world.open('/audit', 'admin');
    await page.getByRole('cell', { name: 'shop', exact: true }).waitFor();
  });
});

describe.skipIf(skipsBrowser)('ranks', () => {
  let world: PageWorld;
  beforeAll(async () => {
    world = await createPageWorld({ worker: false, config: `${CONFIG}${RANKS}` });
    await world.segmentd.segments.create({ key: 'best', condition: { '==': [{ var: 'ranks.spent' }, 1] } });
  });
  afterAll(() => world.end());

  test('they wait, are computed when a person asks, fail with a reason, and keep what they had', async () => {
    const page = await world.open('/status', 'editor');
    const ranks = page.getByRole('region', { name: 'Ranks' });
    await expect.poll(() => ranks.getByRole('row', { name: /^spent/ }).textContent()).toContain('not yet');
    await expectGoodLooks(page, 'ranks that wait');
    await world.startWorker();
    try {
      await ranks.getByRole('row', { name: /^spent.*computed/ }).waitFor();
      const [before] = await world.segmentd.ranks.list();
      await ranks.getByRole('button', { name: 'Compute now' }).click();
      await expect.poll(async () => (await world.segmentd.ranks.list())[0]?.asOf).not.toBe(before?.asOf);
    } finally {
      await world.stopWorker();
    }
    await world.world.database.query(
      `update segmentd_internal.rank set error = 'The table is locked.', failed_at = now() where name = 'spent'`,
    );
    await ranks.getByRole('row', { name: /^spent.*failed/ }).waitFor();
    await ranks.getByText('spent was not computed: The table is locked. The ranks before stay.').waitFor();
    await expectGoodLooks(page, 'a rank that failed');
    const why = await world.open('/segments/best/contacts/1', 'viewer');
    await why.getByText(/^The rank spent is as of /).waitFor();
    await expectGoodLooks(why, 'why, by a rank');
    expect(await world.segmentd.admin.verify()).toMatchObject([{ missing: [], extra: [] }]);
  });

  test('a viewer sees them and computes none', async () => {
    const page = await world.open('/status', 'viewer');
    await page.getByRole('region', { name: 'Ranks' }).waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'Compute now' }).count()).toBe(0);
  });
});
