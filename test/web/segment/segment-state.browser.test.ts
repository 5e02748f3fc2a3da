/** States of a segment that need a person or time: held, guarded, being built, a failed export, and a stream of hints that is cut. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectGoodLooks, skipsBrowser, watchPage, type Page } from '../../support/browser.ts';
import { startProxy } from '../../support/proxy.ts';
import { until } from '../../support/until.ts';
import { typeJson } from '../builder/builder-steps.ts';
import { createPageWorld, type PageWorld } from '../page-world.ts';

/** More than the guard lets through unseen. */
const MANY = 3_000;
const TABLES = `
  create table public.contacts (id bigint primary key, email text, country text, age integer);
  insert into public.contacts select n, 'p' || n || '@example.com', case when n % 3 = 0 then 'PT' else 'ES' end, n % 90
    from generate_series(1, ${MANY}) n;
  create table public.orders (id bigint generated always as identity primary key, contact_id bigint not null references public.contacts, status text);
  create index on public.orders (contact_id);
  insert into public.orders (contact_id, status) select n, 'paid' from generate_series(1, 40) n`;
const CONFIG = `
contacts: { table: public.contacts, key: id, display: [email] }
relations: { orders: { table: public.orders, contact: contact_id } }
`;
const SPAIN = { '==': [{ var: 'country' }, 'ES'] };
const PORTUGAL = { '==': [{ var: 'country' }, 'PT'] };
const COMPUTED = 'Version 2 is being computed. Until then you see the members of version 1.';
const BUYERS = { some: [{ var: 'orders' }, { '==': [{ var: 'status' }, 'paid'] }] };

describe.skipIf(skipsBrowser)('a segment', { timeout: 300_000 }, () => {
  let world: PageWorld;
  beforeAll(async () => {
    world = await createPageWorld({ tables: TABLES, config: CONFIG });
  });
  afterAll(() => world.end());

  async function made(key: string, condition: unknown): Promise<void> {
    await world.segmentd.segments.create({ key, name: key, condition });
    await world.segmentd.segments.untilLive(key);
  }
  const size = (page: Page, members: number) =>
    page.locator('.facts b', { hasText: new RegExp(`^${members.toLocaleString('en')}$`) }).waitFor();
  /** An edit in SQL is asked nothing: the worker holds it. */
  async function holdEdit(key: string): Promise<void> {
    await world.world.database.query(`update segmentd.segment set condition = $2 where key = $1`, [
      key,
      JSON.stringify(PORTUGAL),
    ]);
    await until(async () => (await world.segmentd.segments.show(key)).state === 'held');
  }

  test('a held edit shows in the open page with its numbers, and goes live when a person confirms it', async () => {
    await made('held', SPAIN);
    const page = await world.open('/segments/held', 'editor');
    await size(page, (2 * MANY) / 3);
    await holdEdit('held');
    const note = page.locator('.note', { hasText: 'waits for a confirmation' });
    await note.waitFor();
    await expect.poll(() => note.innerText()).toMatch(/1,000 would enter and 2,000 leave/);
    await expectGoodLooks(page, 'held');
    const viewer = await world.open('/segments/held', 'viewer');
    await viewer.locator('.note', { hasText: 'waits for a confirmation' }).waitFor();
    await expect.poll(() => viewer.getByRole('button', { name: /Confirm|Discard/ }).count()).toBe(0);
    const list = await world.open('/segments', 'viewer');
    await list.getByText(/need you|needs you/).waitFor();
    await page.getByRole('button', { name: 'Confirm version 2' }).click();
    await size(page, MANY / 3);
    await note.waitFor({ state: 'detached' });
    await list.getByText(/need you|needs you/).waitFor({ state: 'hidden' });
    expect(await world.segmentd.segments.show('held')).toMatchObject({ condition: PORTUGAL, members: MANY / 3 });
  });

  test('a held edit is discarded, and the members stay', async () => {
    await made('kept', SPAIN);
    await holdEdit('kept');
    const page = await world.open('/segments/kept', 'editor');
    await page.getByRole('button', { name: 'Discard it and keep version 1' }).click();
    await page.locator('.note', { hasText: 'waits for a confirmation' }).waitFor({ state: 'detached' });
    await world.segmentd.segments.untilLive('kept');
    expect(await world.segmentd.segments.show('kept')).toMatchObject({ condition: SPAIN, members: (2 * MANY) / 3 });
    await size(page, (2 * MANY) / 3);
  });

  test('creating a segment with many first members asks for no number; restoring a version that moves many does', async () => {
    const page = await world.open('/segments/new', 'editor');
    await page.getByLabel('Name', { exact: true }).fill('Fresh');
    await typeJson(page, SPAIN);
    await page.getByRole('button', { name: 'Review and save' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Create', exact: true }).click();
    await page.waitForURL('**/segments/fresh');
    await size(page, (2 * MANY) / 3);
    await world.segmentd.segments.edit('fresh', { condition: PORTUGAL }, { confirm: true });
    await size(page, MANY / 3);
    await page.getByRole('link', { name: 'Versions' }).click();
    await page.getByRole('button', { name: /Restore version 1/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Restore version 1?' });
    const field = dialog.getByLabel(/This moves many members. Type 1,000/);
    await field.waitFor();
    await expectGoodLooks(page, 'guarded restore');
    const restore = dialog.getByRole('button', { name: 'Restore', exact: true });
    await field.fill('999');
    await expect.poll(() => restore.isDisabled()).toBe(true);
    await field.fill('1,000');
    await restore.click();
    await dialog.waitFor({ state: 'detached' });
    await size(page, (2 * MANY) / 3);
  });

  test('while a version is built, the page says so and shows the members before', async () => {
    await made('built', SPAIN);
    const page = await world.open('/segments/built', 'viewer');
    await size(page, (2 * MANY) / 3);
    // The build stands still before it stores a difference. It waits for no lock: a build gives way after a moment.
    await world.world.database.query(`
      create function public.held() returns trigger language plpgsql as $$ begin
        while not pg_catalog.pg_try_advisory_xact_lock_shared(7) loop perform pg_catalog.pg_sleep(0.02); end loop;
        return null;
      end $$;
      create trigger held before insert on segmentd_internal.stage_chunk for each statement execute function public.held()`);
    const holder = await world.world.database.pool.connect();
    await holder.query('select pg_advisory_lock(7)');
    try {
      await world.segmentd.segments.edit('built', { condition: BUYERS }, { confirm: true });
      await page.getByText(COMPUTED).waitFor();
      await page.locator('.member-rows tbody a').first().waitFor();
      await size(page, (2 * MANY) / 3);
      await expectGoodLooks(page, 'being built');
      expect(await world.segmentd.segments.show('built')).toMatchObject({ version: 2, liveVersion: 1 });
    } finally {
      await holder.query('select pg_advisory_unlock(7)');
      holder.release();
      await world.world.database.query(`drop trigger held on segmentd_internal.stage_chunk`);
    }
    await page.getByText('is being computed').waitFor({ state: 'detached' });
    await size(page, 40);
  });

  test('before a version is begun, and while its build gives way, the page says so too', async () => {
    await made('owed', SPAIN);
    await world.stopWorker();
    try {
      await world.segmentd.segments.edit('owed', { condition: BUYERS }, { confirm: true });
      const page = await world.open('/segments/owed', 'viewer');
      await page.getByText(COMPUTED).waitFor();
      await size(page, (2 * MANY) / 3);
    } finally {
      await world.startWorker();
    }
    const page = await world.open('/segments/owed', 'viewer');
    await size(page, 40);
    await page.getByText('is being computed').waitFor({ state: 'detached' });
  });

  test('an export that failed says why', async () => {
    await made('files', SPAIN);
    await world.segmentd.exports.request('files', { columns: ['contact_id', 'age'] });
    const page = await world.open('/segments/files?tab=exports', 'editor');
    await page.getByText('can be fetched').waitFor();
    await world.world.database.query('alter table public.contacts rename column age to years');
    try {
      await page.getByRole('link', { name: 'Download' }).click();
      const row = page.getByRole('row', { name: /CSV/ });
      await row.getByText('failed', { exact: true }).waitFor();
      expect((await row.locator('td.long').innerText()).replace('failed', '').trim()).not.toBe('');
      await expectGoodLooks(page, 'a failed export');
      expect(new URL(page.url()).pathname).toBe('/segments/files');
    } finally {
      await world.world.database.query('alter table public.contacts rename column years to age');
    }
  });

  test('the stream of hints is cut while a segment is open, a member leaves meanwhile, and is seen leaving', async () => {
    await made('streamed', BUYERS);
    const proxy = await startProxy({ port: Number(new URL(world.origin).port) });
    try {
      const origin = `http://127.0.0.1:${proxy.port}`;
      // Signed in: a cookie knows no port.
      const page = await (await world.open('/segments', 'viewer')).context().newPage();
      const { faults } = watchPage(page, origin);
      await page.goto(`${origin}/segments/streamed`);
      const member = page.locator('.member-rows').getByRole('link', { name: '1', exact: true });
      await member.waitFor();
      proxy.cut();
      await world.world.database.query(`update public.orders set status = 'open' where contact_id = 1`);
      await until(async () => (await world.segmentd.segments.show('streamed')).members === 39);
      await expect.poll(() => member.count()).toBe(1);
      proxy.restore();
      await member.waitFor({ state: 'detached' });
      await size(page, 39);
      // A half-open connection passes nothing and says nothing.
      proxy.stall();
      await world.world.database.query(`update public.orders set status = 'open' where contact_id = 2`);
      await until(async () => (await world.segmentd.segments.show('streamed')).members === 38);
      proxy.restore();
      await size(page, 38);
      expect(faults).toEqual([]);
      await page.close();
    } finally {
      await proxy.close();
    }
  });
});
