/** Each rule of ranks is needed: without it the scenario ends wrong, with it the same scenario ends exact. */
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyWith, removeCopies } from '../support/edited-copy.ts';
import { mutations } from './rank-mutation.ts';
import { createRankWorld, RANKS, type RankWorld, type WorkerCode } from './rank-world.ts';

let world: RankWorld;
let rounds = 0;

beforeAll(async () => {
  world = await createRankWorld();
  await world.publish(RANKS);
  await world.segmentd.segments.create({ key: 'best', condition: { '>=': [{ var: 'ranks.monetary' }, 4] } });
  await world.once();
}, 120_000);

afterAll(async () => {
  removeCopies();
  await world.end();
});

/** What is wrong after a worker of this code has computed what the team changed. */
async function outcome(code?: WorkerCode): Promise<readonly string[]> {
  rounds += 1;
  await world.database.query(`
    update public.orders set total = (id * ${rounds * 7} + id % 13 * 40) % 211;
    update public.contacts set country = (array['ES', 'FR'])[1 + (id + ${rounds}) % 2];
    delete from public.orders where contact_id = ${rounds};
    insert into public.contacts (id, country, born) values (${1_000 + rounds}, 'ES', '2000-01-04');
    insert into public.orders (contact_id, status, total, placed_at) values (${1_000 + rounds}, 'paid', 9000, now())`);
  await world.segmentd.ranks.compute();
  const found: string[] = [];
  let computing = 0;
  await world.once(async (step) => {
    if (step === 'locked') {
      await world.once(async (other) => void (other === 'locked' && (computing += 1)), code);
      return;
    }
    if (computing > 0) found.push('two workers compute at once');
    await world.database.query(`delete from public.contacts where id = ${1_000 + rounds}`);
    // A drain of another worker is done with the deletion before the ranks are committed.
    await world.once(undefined, code);
  }, code);
  const orphans = await world.database.query<{ id: string }>(
    `select r.contact_id::text as id from segmentd.contact_rank r where not exists (select from public.contacts c where c.id = r.contact_id)`,
  );
  found.push(...orphans.map(({ id }) => `${id} is not a contact and has ranks`));
  // The contact was there when the ranks were computed: they are held against the rows once more.
  await world.segmentd.ranks.compute();
  await world.once(undefined, code);
  return [...found, ...(await world.wrongRanks()), ...(await world.wrong())];
}

/** Everything as our code has it. */
async function repair(): Promise<void> {
  await world.segmentd.ranks.compute();
  await world.segmentd.segments.rebuild('all');
  await world.once();
}

test('the scenario ends exact', async () => {
  expect(await outcome()).toEqual([]);
}, 60_000);

describe('the scenario ends wrong when a rule is taken out', () => {
  test.each(mutations)('$name', { timeout: 60_000 }, async (mutation) => {
    const root = copyWith(mutation);
    const code = (await import(
      /* @vite-ignore */ new URL('src/worker/worker.ts', pathToFileURL(`${root}/`)).href
    )) as WorkerCode;
    try {
      expect(await outcome(code)).not.toEqual([]);
    } finally {
      await repair();
    }
  });
});
