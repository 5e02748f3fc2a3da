/** Two barriers that add the same edges at once: each statement adds them in one order, or they would wait for each other. */
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { openEdges } from '../../src/followed/edge-link.ts';
import { planVersion, type VersionPlan } from '../../src/followed/plan.ts';
import { acceptVersions } from '../../src/lifecycle/accept.ts';
import { withConnection } from '../../src/postgres/with-connection.ts';
import { sqlState } from '../../src/base/error.ts';
import { copyWith, removeCopies } from '../support/edited-copy.ts';
import { unordered } from './time-mutation.ts';
import { sweepWorld, type SweepWorld } from './sweep-world.ts';

let world: SweepWorld;
beforeEach(async () => {
  world = await sweepWorld();
  await world.at('2024-05-15T12:00:00Z');
  // So slow that each statement is between two rows while the other adds its first.
  await world.query(`
    create function public.slowly() returns trigger language plpgsql as $$ begin perform pg_sleep(0.1); return new; end $$;
    create trigger slowly before insert on segmentd_internal.edge for each row execute function public.slowly()`);
});
afterEach(() => world.end());
afterAll(removeCopies);

/** SQLSTATEs of the two, undefined for who got through. */
async function both(one: typeof openEdges, other: typeof openEdges): Promise<readonly (string | undefined)[]> {
  const plans: VersionPlan[] = [];
  for (const key of ['a', 'b'])
    await world.create(key, { or: [2, 3, 4].map((hours) => ({ in_last: [{ var: 'seen_at' }, hours, 'hour'] })) });
  await acceptVersions(world.pool, world.catalogue);
  for (const { id, condition } of await world.query<{ id: number; condition: unknown }>(
    'select s.id, s.condition from segmentd.segment s order by s.id',
  )) {
    const planned = planVersion(world.catalogue, { segmentId: id, version: 1, condition, timezone: null });
    if (planned.ok) plans.push(planned.plan);
  }
  const [first, second] = plans;
  if (!first || !second) throw new Error('no plans');
  const open = (how: typeof openEdges, plan: VersionPlan): Promise<string | undefined> =>
    withConnection(world.pool, async (client) => {
      await client.query('begin');
      try {
        await how(client, plan);
        await client.query('commit');
        return undefined;
      } catch (error) {
        await client.query('rollback');
        return sqlState(error);
      }
    });
  return Promise.all([open(one, first), open(other, second)]);
}

test('two barriers that need the same edges both commit, and both are linked to all edges', async () => {
  expect(await both(openEdges, openEdges)).toEqual([undefined, undefined]);
  const linked = await world.query(
    `select segment_id, count(*)::int as edges, (select count(*)::int from segmentd_internal.edge) as all from segmentd_internal.segment_edge group by 1`,
  );
  expect(linked).toHaveLength(2);
  for (const { edges, all } of linked) expect(edges).toBe(all);
});

test('without the order of edges one of two barriers ends in a deadlock', async () => {
  const copy = copyWith(unordered);
  const { openEdges: mutant } = (await import(
    /* @vite-ignore */ pathToFileURL(`${copy}/src/followed/edge-link.ts`).href
  )) as { openEdges: typeof openEdges };
  expect(await both(openEdges, mutant)).toContain('40P01');
});
