/** Overrides against drains, rebuilds, changes of kind and each other: in every order, membership ends as the overrides say. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { copyWith, removeCopies } from '../support/edited-copy.ts';
import { play, sampled, SCALE, type Actor } from '../race/schedule.ts';
import { castOf, sequence, type Cast } from '../support/world-actor.ts';
import { loadCode } from '../support/world-code.ts';
import { adult, spanish } from '../support/world-meaning.ts';
import { createWorld, type World } from '../support/world.ts';
import { mutations } from './override-mutation.ts';

vi.setConfig({ testTimeout: 600_000 });

const PEOPLE = `insert into contacts (id, country, age) values (1, 'ES', 20), (2, 'FR', 30), (3, 'ES', 10), (4, 'FR', 5)`;
const override = (kind: string, contact: number): string =>
  `insert into segmentd.override (segment_id, contact_id, kind) select s.id, ${contact}, '${kind}' from segmentd.segment s where s.key = 'one'`;

interface Race {
  readonly begin: (world: World) => Promise<void>;
  readonly actors: (cast: Cast) => Promise<readonly Actor[]>;
  readonly orders: Iterable<readonly string[]>;
}

const steps = ['barrier', 'chunk', 'parked', 'flipping'];
const DRAIN = { steps: ['consumed', 'segments-locked', 'written'] };
const overridden = async (cast: Cast): Promise<Actor> =>
  sequence('WD', [
    await cast.write('W', [override('include', 2), override('exclude', 1)]),
    await cast.drain('D', DRAIN),
  ]);

const RACES: Readonly<Record<string, () => Race>> = {
  'the first override of a segment at any step of a rebuild': () => ({
    async begin(world) {
      await world.begin(PEOPLE, { one: spanish }, { again: 'rebuild' });
      await world.want({ one: adult });
      await world.code.acceptVersions(world.pool, world.catalogue);
    },
    actors: async (cast) => [await cast.rebuild('B', { steps }), await overridden(cast)],
    orders: [['WD', 'WD', 'WD', 'WD', 'WD', 'WD', 'WD'], ...sampled({ B: 6, WD: 7 }, 40 * SCALE, 1)],
  }),
  'the first override and a change of the contact under two workers': () => ({
    begin: (world) => world.begin(PEOPLE, { one: spanish }, { again: 'first' }),
    actors: async (cast) => [
      await overridden(cast),
      sequence('CE', [
        await cast.write(
          'C',
          `update contacts set country = 'PT' where id = 1; update contacts set country = 'ES' where id = 4`,
        ),
        await cast.drain('E', DRAIN),
      ]),
    ],
    orders: sampled({ WD: 7, CE: 6 }, 40 * SCALE, 2),
  }),
  // The second worker knows the segment as one without overrides.
  'an override that one worker consumes, then a change that another consumes': () => ({
    async begin(world) {
      await world.begin(PEOPLE, { one: spanish }, { again: 'taken' });
    },
    actors: async (cast) => [
      sequence('X', [
        await cast.write(
          'C',
          'update contacts set age = 6 where id = 4; update contacts set country = null where id = 4',
        ),
        await cast.drain('E', { steps: [] }),
        await cast.write(
          'C',
          'update contacts set age = 7 where id = 4; update contacts set country = null where id = 4',
        ),
        await cast.write('C', `update contacts set country = 'PT' where id = 4`),
        await cast.drain('D', { steps: [] }),
        await cast.write('W', override('include', 2)),
        await cast.drain('D', { steps: [] }),
        await cast.write(
          'C',
          'update contacts set age = 31 where id = 2; update contacts set country = null where id = 2',
        ),
        await cast.drain('E', { steps: [] }),
      ]),
    ],
    orders: [['X']],
  }),
  'a segment becomes static while changes and overrides come in': () => ({
    async begin(world) {
      await world.begin(PEOPLE, { one: spanish }, { again: 'static' });
      await world.pool.query(`update segmentd.segment set kind = 'static' where key = 'one'`);
    },
    actors: async (cast) => [
      sequence('AQ', [await cast.accept('A'), await cast.request('Q'), await cast.request('Q')]),
      sequence('WD', [await cast.write('W', override('member', 2)), await cast.drain('D', DRAIN)]),
      sequence('CE', [
        await cast.write('C', `update contacts set country = 'ES' where id = 4; delete from contacts where id = 3`),
        await cast.drain('E', DRAIN),
      ]),
    ],
    orders: sampled({ AQ: 3, WD: 5, CE: 5 }, 40 * SCALE, 3),
  }),
  'a contact is deleted and returns while a caller writes its override': () => ({
    async begin(world) {
      await world.begin(PEOPLE, { one: spanish }, { again: 'back' });
      await world.pool.query(override('include', 2));
      await world.settle();
    },
    actors: async (cast) => [
      sequence('GD', [await cast.write('G', 'delete from contacts where id = 2'), await cast.drain('D', DRAIN)]),
      sequence('CE', [
        await cast.write('C', [
          `insert into contacts (id, country) values (2, 'FR') on conflict do nothing`,
          `${override('include', 2)} on conflict (segment_id, contact_id) do update set kind = excluded.kind`,
        ]),
        await cast.drain('E', DRAIN),
      ]),
    ],
    orders: sampled({ GD: 6, CE: 7 }, 40 * SCALE, 4),
  }),
};

async function run(world: World, cast: Cast, { begin, actors, orders }: Race): Promise<void> {
  const playing = await actors(cast);
  for (const order of orders) {
    await begin(world);
    await play(world.pool, playing, order);
    await world.settle();
    const wrong = await world.wrong();
    if (wrong.length > 0) throw new Error(`after ${order.join(' ')}:\n${wrong.join('\n')}`);
  }
}

describe('as it is', () => {
  let world: World;
  beforeAll(async () => {
    world = await createWorld();
  });
  afterAll(() => world.end());

  test.each(Object.keys(RACES))('%s', async (name) => {
    const race = RACES[name];
    if (race) await run(world, castOf(world), race());
  });
});

describe('without a rule', () => {
  afterAll(removeCopies);

  test.each(mutations)('$name', async ({ name, edits, race: title }) => {
    const world = await createWorld({ code: await loadCode(copyWith({ name, edits })) });
    try {
      const race = RACES[title];
      if (!race) throw new Error(`there is no race ${title}`);
      await expect(run(world, castOf(world), race())).rejects.toThrow(/after /);
    } finally {
      await world.end();
    }
  });
});
