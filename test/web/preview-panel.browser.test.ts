/** The panel beside the builder on a stage of its own, over a real server: every state, and never a number of another draft. */
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectGoodLooks, skipsBrowser, type Page } from '../support/browser.ts';
import { until } from '../support/until.ts';
import { createPageWorld, type PageWorld } from './page-world.ts';

const TABLES = `
  create table public.contacts (id bigint primary key, email text, first_name text, country text, age integer);
  create table public.orders (id bigint generated always as identity primary key, contact_id bigint not null, status text);
  insert into public.contacts (id, email, first_name, country, age)
    select i, 'person' || i || '@example.com', case when i % 4 = 1 then '<img src=x onerror=alert(1)>' else 'Ana' end, (array['ES', 'PT', 'FR', 'IT'])[i % 4 + 1], i % 100
    from generate_series(1, 24000) i;
  create index orders_contact on public.orders (contact_id);
  insert into public.orders (contact_id, status) select i % 5000 + 1, 'paid' from generate_series(1, 10000) i;
  analyze`;
const CONFIG = `
contacts: { table: public.contacts, key: id, display: [{ email: masked }, first_name, country] }
relations: { orders: { table: public.orders, contact: contact_id } }
`;

const country = (code: string) => ({ '==': [{ var: 'country' }, code] });
const young = { '<': [{ var: 'age' }, 50] };
const buyers = { some: [{ var: 'orders' }, { '==': [{ var: 'status' }, 'paid'] }] };

/** Shows drafts, and keeps the numbers of rows that it gives. */
const STAGE = `
import { h, render } from 'preact';
import { getSegmentsByKey } from '../client/api.ts';
import { PreviewPanel } from './preview-panel.tsx';
const aside = document.createElement('aside');
const main = document.createElement('main');
const title = document.createElement('h1');
title.textContent = 'Draft';
main.append(title, aside);
document.body.replaceChildren(main);
let shown = '';
const given = [];
const onRows = (rows) => given.push([shown, [...rows]]);
window.stage = {
  given,
  async show(draft, key) {
    const segment = key ? (await getSegmentsByKey(key)).data : null;
    const timezone = segment?.timezone ?? null;
    shown = JSON.stringify(draft.condition);
    render(h(PreviewPanel, { draft: { timezone, valid: true, kind: 'dynamic', sentence: null, segment, ...draft }, onRows }), aside);
  },
};
`;

interface Draft {
  readonly condition: unknown;
  readonly valid?: boolean;
  readonly kind?: string;
}
type Given = readonly [
  string,
  readonly (readonly [string, { readonly alone: { readonly value: number; readonly basis: string } | null }])[],
];

describe.skipIf(skipsBrowser)('the panel beside the builder', () => {
  let world: PageWorld;
  let page: Page;
  let script = '';
  let style = '';

  beforeAll(async () => {
    const { outputFiles } = await build({
      stdin: { contents: STAGE, resolveDir: fileURLToPath(new URL('../../src/web/builder', import.meta.url)) },
      bundle: true,
      write: false,
      outdir: 'stage',
      format: 'iife',
      jsx: 'automatic',
      jsxImportSource: 'preact',
    });
    const textOf = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
    [script, style] = [textOf('.js'), textOf('.css')];
    world = await createPageWorld({ tables: TABLES, config: CONFIG });
    await world.segmentd.segments.create({ key: 'spain', condition: country('ES') });
    await world.segmentd.segments.untilLive('spain');
    page = await stage();
  });
  afterAll(() => world.end());

  async function stage(): Promise<Page> {
    const opened = await world.open('/segments');
    await opened.getByRole('heading', { name: 'Segments' }).waitFor();
    // Through the debugger, which the page's policy does not bind.
    await opened.evaluate(script);
    await opened.evaluate(`{
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(${JSON.stringify(style)});
      document.adoptedStyleSheets.push(sheet);
    }`);
    return opened;
  }

  const show = (draft: Draft, key?: string) =>
    page.evaluate<void>(`stage.show(${JSON.stringify(draft)}, ${JSON.stringify(key ?? null)})`);
  const given = () => page.evaluate<readonly Given[]>('stage.given');
  const count = async (where: string) =>
    Number(
      (await world.world.database.query<{ n: string }>(`select count(*) as n from public.contacts c where ${where}`))[0]
        ?.n,
    );
  const text = (number: number) => number.toLocaleString('en');

  test('an estimate, then who is in, then each row, by its pointer', async () => {
    const condition = { and: [young, { '!': [country('FR')] }, buyers] };
    await show({ condition });
    await page.getByText('Counted exactly').waitFor();
    const inside = await count(
      `age < 50 and country <> 'FR' and exists (select from public.orders o where o.contact_id = c.id)`,
    );
    await page.getByText(`${text(inside)} in · ${text(24_000 - inside)} out`).waitFor();
    const alone = await count('age < 50');
    const mine = async () =>
      (await given()).filter(([of]) => of === JSON.stringify(condition)).map(([, rows]) => new Map(rows));
    await until(async () => (await mine()).at(-1)?.get('/and/0')?.alone?.basis === 'exact', {
      message: 'each row counted',
    });
    const steps = (await mine()).filter((rows) => rows.size > 0);
    expect(steps[0]?.get('/and/0')?.alone?.basis).toBe('sample');
    expect(steps.at(-1)?.get('/and/0')?.alone?.value).toBe(alone);
    expect(steps.map((rows) => rows.get('')?.alone?.basis)).toEqual(['sample', 'exact', 'exact']);
    expect([...(steps.at(-1)?.keys() ?? [])]).toEqual(['', '/and/0', '/and/1', '/and/2']);
    // An address is masked, and a name is text.
    await page.getByText('pe•••@example.com').first().waitFor();
    await expect.poll(() => page.getByText(/person\d+@/).count()).toBe(0);
    await expectGoodLooks(page, 'counted');
  });

  test('a newer draft ends the older one in Postgres, and no number of it is shown', async () => {
    const holder = await world.world.database.pool.connect();
    const waiting = async () =>
      (
        await world.world.database.query(
          `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        )
      ).length;
    try {
      await holder.query('begin; lock table public.orders in access exclusive mode');
      const older = { and: [country('IT'), buyers] };
      await show({ condition: older });
      await until(async () => (await waiting()) > 0, { message: 'the older draft in Postgres' });
      await page.getByText('Looking at a sample…').waitFor();
      await expectGoodLooks(page, 'waiting');
      const newer = country('PT');
      await show({ condition: newer });
      await until(async () => (await waiting()) === 0, { message: 'no query of the older draft in Postgres' });
      await page.getByText(`6,000 in · 18,000 out`).waitFor();
      const of = (await given()).filter(([draft]) => draft === JSON.stringify(older));
      expect(of.flatMap(([, rows]) => rows)).toEqual([]);
    } finally {
      await holder.query('rollback');
      holder.release();
    }
  });

  test('each number is of the draft that is shown, however fast a person types', async () => {
    for (let age = 1; age <= 30; age += 1) {
      await show({ condition: { '<': [{ var: 'age' }, age] } });
      if (age % 10 === 0) await page.getByText(`${text(age * 240)} in`).waitFor();
    }
    const numbers = (await given()).flatMap(([draft, rows]) => {
      const age = (JSON.parse(draft) as { readonly '<'?: readonly [unknown, number] })['<']?.[1];
      return age === undefined ? [] : rows.map(([, { alone }]) => [age * 240, alone?.value ?? 0] as const);
    });
    expect(numbers.length).toBeGreaterThanOrEqual(3);
    for (const [truth, said] of numbers) expect(Math.abs(said - truth)).toBeLessThan(1_000);
  });

  test('an edit says who would enter, leave and stay, with names, words and the guard', async () => {
    await show({ condition: { or: [country('PT'), { and: [country('ES'), young] }] } }, 'spain');
    const leaving = await count(`country = 'ES' and age >= 50`);
    await page.getByText('+6,000 enter').waitFor();
    await page.getByText(`−${text(leaving)} leave`).waitFor();
    await page.getByText(`${text(6_000 - leaving)} stay, untouched`).waitFor();
    await page.getByText(/^- country is ES/i).waitFor();
    await page.getByText('Saving asks you to type the number who leave.').waitFor();
    await page.getByRole('heading', { name: 'Some who would leave' }).waitFor();
    const why = page.getByRole('link', { name: /^why\?/ });
    await expect.poll(() => why.first().getAttribute('href')).toMatch(/^\/segments\/spain\/contacts\/\d+$/);
    await page.getByText('<img src=x onerror=alert(1)>').first().waitFor();
    await expectGoodLooks(page, 'an edit');

    await show({ condition: country('ES') }, 'spain');
    await page.getByText('The condition is as it is saved: no member moves.').waitFor();
    await show({ condition: country('ES'), kind: 'static' }, 'spain');
    await page.getByText('The members stay as they are').waitFor();
  });

  test('a draft that is empty or not ready has no numbers', async () => {
    await show({ condition: country('IT') });
    await page.getByText('6,000 in').waitFor();
    await show({ condition: { and: [] }, valid: false });
    await page.getByText('Add a condition to see who would be in.').waitFor();
    await expect.poll(() => page.getByText('6,000 in').count()).toBe(0);
    await until(async () => isDeepStrictEqual((await given()).at(-1)?.[1], []));
    await expectGoodLooks(page, 'empty');
    await show({ condition: { and: [{ '==': [{ var: 'country' }, ''] }] }, valid: false });
    await page.getByText('The numbers come when every row is complete.').waitFor();
  });

  test('a table that may not be read, and a database that has no time, say so', async () => {
    const answer = async (status: number, code: string, detail: string) => {
      await page.route('**/api/v1/previews', (route) =>
        route.fulfill({
          status,
          contentType: 'application/problem+json',
          body: JSON.stringify({ type: 'about:blank', title: 'x', status, code, detail }),
        }),
      );
    };
    await answer(403, 'permission', 'Your role may not do this.');
    await show({ condition: { and: [country('ES'), { '<': [{ var: 'age' }, 11] }] } });
    await page.getByRole('alert').getByText('Your role may not do this.').waitFor();
    await expectGoodLooks(page, 'no right');
    await page.unroute('**/api/v1/previews');
    await answer(409, 'failed', 'There was no time to look at a sample of the contacts: the database is slow now.');
    await show({ condition: { and: [country('ES'), { '<': [{ var: 'age' }, 12] }] } });
    await page.getByRole('alert').getByText('There was no time').waitFor();
    await page.unroute('**/api/v1/previews');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText(`${text(await count(`country = 'ES' and age < 12`))} in`).waitFor();
  });

  test('a server that stopped comes back, and so do the numbers', async () => {
    await world.stopServer();
    await show({ condition: { and: [country('ES'), { '<': [{ var: 'age' }, 13] }] } });
    await page.getByText('The server does not answer. Trying again…').waitFor();
    await world.startServer();
    await page.getByText(`${text(await count(`country = 'ES' and age < 13`))} in`).waitFor();
  });
});
