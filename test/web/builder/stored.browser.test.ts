/**
 * 500 random conditions in Postgres. The page's own code opens each in a real browser and makes rows of it: a draft without an edit
 * changes nothing. Then a row is taken out of its group, the page sends the JSON of its rows, and what is stored is equal.
 */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catalogueFromJson, check, type CatalogueJson } from '../../../src/condition/condition.ts';
import { contactScope, randomRule } from '../../oracle/random-condition.ts';
import { labels } from '../../oracle/pool.ts';
import { skipsBrowser, type Page } from '../../support/browser.ts';
import { random } from '../../support/random.ts';
import { createPageWorld, type PageWorld } from '../page-world.ts';

const CONDITIONS = 500;
/** The server answers 20 requests a second to one person; so many conditions are always on their way. */
const AT_ONCE = 10;
/** A person sends no thousand requests in a minute; the limit has tests of its own. */
const UNLIMITED = { burst: 100_000, perSecond: 1 };

/** Every family that a condition can read, in the contact and in its rows. */
const TABLES = `
  create type public.mood as enum (${labels.map((one) => `'${one.replaceAll("'", "''")}'`).join(', ')});
  create table public.contacts (id bigint generated always as identity primary key, country text, mood public.mood, points integer,
    balance numeric(12, 2), score double precision, vip boolean, birth_date date, renews_on date, seen_at timestamptz, local_at timestamp,
    token uuid, tags text[], sizes integer[], days date[], flags boolean[], attributes jsonb,
    created_at timestamptz not null default now());
  create table public.orders (id bigint generated always as identity primary key, contact_id bigint not null references public.contacts,
    status public.mood, note text, total numeric(10, 2), gift boolean, due_on date, token uuid, codes text[],
    placed_at timestamptz not null default now());
  create index on public.orders (contact_id);
  create table public.items (id bigint generated always as identity primary key, order_id bigint not null references public.orders,
    sku text, quantity integer, price real, made_on date);
  create index on public.items (order_id);
  insert into public.contacts (country, points) values ('ES', 10)`;
const CONFIG = `
contacts: { table: public.contacts, key: id, created: created_at }
fields:
  attributes.plan: { column: attributes, path: [plan], type: text }
  attributes.rate: { column: attributes, path: [rate], type: number }
  attributes.active: { column: attributes, path: [active], type: boolean }
  attributes.since: { column: attributes, path: [since], type: date }
relations:
  orders: { table: public.orders, contact: contact_id, time: placed_at }
  items: { table: public.items, through: orders, on: { order_id: id }, time: made_on }
timezone: Europe/Madrid
`;

/** The page's own way from a segment to what it sends: nothing of it is written for this test. */
const STAGE = `
import { answered } from '../client/api-failure.ts';
import { getSegmentsByKey } from '../client/api.ts';
import { placedRows } from './builder-json.ts';
import { unwrapGroup } from './builder-edit.ts';
import { rowIds } from './builder-tree.ts';
import { DraftStore } from './draft-store.ts';
import { saveDraft } from './save-segment.ts';
import { changedParts, draftOf, partsOfDraft, partsOfSegment } from './segment-draft.ts';

window.stage = async (key) => {
  const segment = await answered(getSegmentsByKey(key));
  const nextId = rowIds();
  const store = new DraftStore(draftOf(segment, nextId), nextId);
  const unedited = changedParts(partsOfSegment(segment), partsOfDraft(store.draft));
  store.editTree((tree) => unwrapGroup(tree, tree.id));
  const saved = await saveDraft(store.draft, segment, false);
  if (saved.kind === 'failed') throw saved.error;
  return { unedited, rows: placedRows(store.draft.tree).length, saved: saved.kind, issues: saved.issues ?? [] };
};
`;

interface Staged {
  readonly unedited: unknown;
  readonly rows: number;
  readonly saved: string;
  readonly issues: readonly unknown[];
}

describe.skipIf(skipsBrowser)('stored conditions', { timeout: 1_800_000 }, () => {
  let world: PageWorld;
  let page: Page;
  let rules: readonly unknown[];
  const keyOf = (n: number): string => `random_${n}`;

  beforeAll(async () => {
    world = await createPageWorld({ tables: TABLES, config: CONFIG, worker: false, rate: UNLIMITED });
    await world.segmentd.segments.create({ key: 'a', condition: true });
    page = await world.open('/segments', 'editor');
    const checker = await page.evaluate<CatalogueJson>(
      `fetch('/api/v1/catalogue').then((answer) => answer.json()).then((body) => body.checker)`,
    );
    const catalogue = catalogueFromJson(checker);
    const all = Array.from({ length: CONDITIONS + 50 }, (_, n) =>
      randomRule(contactScope(random(n), catalogue, ['a']), 3),
    );
    // The oracle's pools hold numbers with more digits than a segment may have.
    rules = all.filter((rule) => check({ or: [rule] }, catalogue).ok).slice(0, CONDITIONS);
    expect(rules.length).toBe(CONDITIONS);
    for (const [n, rule] of rules.entries())
      await world.segmentd.segments.create({ key: keyOf(n), condition: { or: [rule] } });
    const { outputFiles } = await build({
      stdin: { contents: STAGE, resolveDir: fileURLToPath(new URL('../../../src/web/builder', import.meta.url)) },
      bundle: true,
      write: false,
      format: 'iife',
    });
    // Through the debugger, which the page's policy does not bind.
    await page.evaluate(outputFiles[0]?.text ?? '');
  }, 1_800_000);
  afterAll(() => world.end());

  test('500 of them are opened and saved: unedited they change nothing, and what the page sends is stored as it was', async () => {
    const sent = new Map<string, { readonly match: string | null; readonly body: { readonly condition?: unknown } }>();
    page.on('request', (request) => {
      if (request.method() !== 'PATCH') return;
      const key = new URL(request.url()).pathname.split('/').at(-1) ?? '';
      sent.set(key, {
        match: request.headers()['if-match'] ?? null,
        body: request.postDataJSON() as { condition?: unknown },
      });
    });
    let rows = 0;
    for (let first = 0; first < CONDITIONS; first += AT_ONCE) {
      const keys = Array.from({ length: AT_ONCE }, (_, n) => keyOf(first + n));
      const staged = await page.evaluate<Staged[]>(`Promise.all(${JSON.stringify(keys)}.map(stage))`);
      for (const [n, one] of staged.entries()) {
        const rule = rules[first + n];
        const text = JSON.stringify(rule);
        expect(one, text).toMatchObject({ unedited: {}, saved: 'saved', issues: [] });
        rows += one.rows;
        expect(JSON.stringify(sent.get(keyOf(first + n))), text).toBe(
          JSON.stringify({ match: '"1"', body: { condition: rule } }),
        );
      }
    }
    expect(rows).toBeGreaterThan(3 * CONDITIONS);
    const stored = await world.world.database.query<{ key: string; version: string; condition: unknown }>(
      `select key, version::text, condition from segmentd.segment where key like 'random%'`,
    );
    expect(stored.length).toBe(CONDITIONS);
    const byKey = new Map(stored.map((one) => [one.key, one]));
    for (const [n, rule] of rules.entries()) {
      const one = byKey.get(keyOf(n));
      expect([one?.version, JSON.stringify(one?.condition)]).toEqual(['2', JSON.stringify(rule)]);
    }
  });
});
