/**
 * Random histories of a team that writes while two workers compute ranks, drain and build, and computations are killed at any of their
 * steps. They end exact: ranks are what the rows say, and stored less recomputed members is empty, both ways.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { random } from '../support/random.ts';
import { createRankWorld, RANKS, type RankWorld } from './rank-world.ts';

let world: RankWorld;

beforeAll(async () => {
  world = await createRankWorld();
  await world.publish(RANKS);
  for (const [key, condition] of Object.entries({
    champions: { and: [{ '>=': [{ var: 'ranks.monetary' }, 4] }, { '>=': [{ var: 'ranks.recency' }, 3] }] },
    frequent: { in: [{ var: 'ranks.frequency' }, [2, 3]] },
    unplaced: { or: [{ '==': [{ var: 'ranks.basket' }, null] }, { '<': [{ var: 'ranks.basket' }, 5] }] },
    reader: { and: [{ in_segment: ['champions'] }, { '!': [{ '==': [{ var: 'ranks.born' }, 1] }] }] },
  }))
    await world.segmentd.segments.create({ key, condition });
  await world.once();
}, 120_000);

afterAll(() => world.end());

const WRITES: readonly ((n: number) => string)[] = [
  (n) =>
    `update public.orders set total = ${n * 7}, status = case when status = 'paid' then 'open' else 'paid' end where id % 9 = ${n % 9}`,
  (n) => `delete from public.orders where contact_id = ${1 + n}`,
  (n) =>
    `insert into public.orders (contact_id, status, total, placed_at) values (${1 + n}, 'paid', ${n * 3}, now() - ${n} * interval '1 hour')`,
  (n) => `delete from public.contacts where id = ${1 + n}`,
  (n) =>
    `insert into public.contacts (id, country, age, score, born) values (${1 + n}, 'ES', ${n % 7}, ${n % 4}, date '2000-01-01' + ${n % 9}) on conflict do nothing`,
  (n) =>
    `update public.contacts set country = (array['ES', 'FR'])[1 + id % 2], score = ${n % 5} where id % 11 = ${n % 11}`,
];

test.each([1, 2])(
  'a history with two workers and killed computations ends exact (seed %i)',
  { timeout: 120_000 },
  async (seed) => {
    const r = random(seed);
    let killed = 0;
    for (let round = 0; round < 4; round += 1) {
      const worker = async (): Promise<void> => {
        const deadly = r.chance(0.4);
        await world
          .once(async (step) => {
            if (!deadly || (step === 'locked' && r.chance(0.5))) return;
            killed += 1;
            await world.killComputation();
          })
          .catch(() => {});
      };
      const team = async (): Promise<void> => {
        for (let turn = 0; turn < 12; turn += 1) {
          await world.database.query(r.pick(WRITES)(r.below(60)));
          if (turn % 4 === 0) await world.segmentd.ranks.compute(r.pick(Object.keys(RANKS)));
        }
      };
      await Promise.all([team(), worker(), worker()]);
    }
    await world.segmentd.ranks.compute();
    await world.once();
    // `frequency` reads the members of a segment, which the pass above may have moved.
    await world.segmentd.ranks.compute();
    await world.once();
    expect(killed, 'the history killed something').toBeGreaterThan(0);
    expect(await world.wrongRanks()).toEqual([]);
    expect(await world.wrong()).toEqual([]);
    expect(
      await world.database.query(
        `select r.contact_id from segmentd.contact_rank r where not exists (select from public.contacts c where c.id = r.contact_id)`,
      ),
    ).toEqual([]);
  },
);
