/** Previews as a page asks for them: modes, pointers, the newest of a person's previews, what an edit would do. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/until.ts';
import { createHttpWorld, type Answer, type HttpWorld } from './http-world.ts';

const spain = { '==': [{ var: 'country' }, 'ES'] };
const buyers = { some: [{ var: 'orders' }, { '==': [{ var: 'status' }, 'paid'] }] };

let http: HttpWorld;
beforeAll(async () => {
  http = await createHttpWorld();
  await http.ask('POST', '/segments', { body: { key: 'spain', condition: spain } });
  await http.world.ok('run', '--once');
});
afterAll(() => http.end());

const preview = (body: object, signal?: AbortSignal): Promise<Answer> =>
  http.ask('POST', '/previews', { body, ...(signal ? { signal } : {}) });

test.each(['estimate', 'exact', 'rows'])(
  '%s: rows come with pointers into the condition that was sent',
  async (mode) => {
    const condition = { and: [spain, { '!': [{ or: [buyers, { '!': [spain] }] }] }, { if: [spain, buyers, true] }] };
    const { status, body } = await preview({ condition, mode });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        basis: 'exact',
        sample: expect.any(Array),
        condition: {
          kind: 'all',
          pointer: '',
          children: [
            { kind: 'leaf', pointer: '/and/0', alone: 2, left: 2 },
            {
              kind: 'not',
              pointer: '/and/1',
              children: [
                {
                  kind: 'any',
                  pointer: '/and/1/!/0',
                  children: [
                    { kind: 'leaf', pointer: '/and/1/!/0/or/0' },
                    { kind: 'leaf', pointer: '/and/1/!/0/or/1', alone: 2 },
                  ],
                },
              ],
            },
            {
              kind: 'choice',
              pointer: '/and/2',
              children: [{ pointer: '/and/2/if/0' }, { pointer: '/and/2/if/1' }, { pointer: '/and/2/if/2', alone: 4 }],
            },
          ],
        },
      },
    });
  },
);

test('a condition that is refused has its issues, in every mode', async () => {
  for (const mode of ['estimate', 'exact', 'rows'])
    expect(await preview({ condition: { and: [spain, {}] }, mode })).toMatchObject({
      status: 422,
      body: { issues: [{ pointer: '/and/1' }] },
    });
  expect(await preview({ condition: spain, mode: 'guess' })).toMatchObject({ status: 400 });
});

test('an edit says who would move, and what the guard says', async () => {
  for (const mode of ['estimate', 'exact'])
    expect(
      await http.ask('POST', '/segments/spain/edit-previews', { body: { condition: { '!': [spain] }, mode } }),
    ).toMatchObject({
      status: 200,
      body: {
        basis: 'exact',
        entering: 2,
        leaving: 2,
        // The address of a person is masked.
        sample: { leaving: expect.arrayContaining([{ contact_id: '1', values: { email: '•••@x', country: 'ES' } }]) },
        guard: { percent: 200, leaving: 2, exceeds: false, limits: { percent: expect.any(Number) } },
      },
    });
});

describe('while a table is locked', () => {
  const waiting = async () =>
    (
      await http.world.database.query(
        `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      )
    ).length;

  async function holding(work: (release: () => Promise<void>) => Promise<void>): Promise<void> {
    const holder = await http.world.database.pool.connect();
    try {
      await holder.query('begin; lock table public.orders in access exclusive mode');
      await work(async () => void (await holder.query('rollback')));
    } finally {
      await holder.query('rollback');
      holder.release();
    }
  }

  test('the newest two previews of a person run, and an older one ends', async () => {
    await holding(async (release) => {
      const [first, second, third] = [1, 2, 3].map((sample) => preview({ condition: buyers, mode: 'exact', sample }));
      expect(await first).toMatchObject({
        status: 429,
        body: { code: 'too-many-at-once' },
        headers: expect.toSatisfy(
          (headers: Headers) => headers.get('retry-after') === '1' && headers.get('open-limit') === '2',
        ),
      });
      // Another person's previews are not counted with them.
      const other = http.ask('POST', '/previews', { role: 'viewer', body: { condition: buyers } });
      await until(async () => (await waiting()) === 3, { message: 'three previews in Postgres' });
      await release();
      for (const one of [second, third, other])
        expect(await one).toMatchObject({ status: 200, body: { basis: 'exact' } });
    });
    const { status, headers } = await preview({ condition: buyers });
    expect([status, headers.get('open-limit'), headers.get('open-remaining')]).toEqual([200, '2', '1']);
  });

  test('a preview whose client leaves ends in Postgres', async () => {
    await holding(async () => {
      const controller = new AbortController();
      const asked = preview({ condition: buyers, mode: 'estimate' }, controller.signal);
      await until(async () => (await waiting()) === 1, { message: 'the preview in Postgres' });
      controller.abort();
      expect(await asked).toMatchObject({ status: 503, body: { code: 'cancelled' } });
      await until(async () => (await waiting()) === 0, { message: 'no preview in Postgres' });
    });
  });
});
