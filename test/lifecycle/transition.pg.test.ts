/**
 * The table of transitions against Postgres: a trigger of this test records each one that happens while segments live through what
 * callers and workers do, with the function whose statement wrote it. The table holds these and no others.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { rejectUnbuildable } from '../../src/lifecycle/freeze.ts';
import {
  BUILD_TRANSITIONS,
  SEGMENT_TRANSITIONS,
  VERSION_TRANSITIONS,
  type Transition,
} from '../../src/lifecycle/transition.ts';
import { proposeUnblocked } from '../../src/lifecycle/propose-unblocked.ts';
import * as writeBuild from '../../src/lifecycle/write-build.ts';
import * as writeSegment from '../../src/lifecycle/write-segment.ts';
import * as writeVersion from '../../src/lifecycle/write-version.ts';
import * as state from '../../src/lifecycle/state.ts';
import { createWorld, type World } from '../support/world.ts';

vi.setConfig({ testTimeout: 120_000 });

let world: World;
beforeAll(async () => {
  world = await createWorld();
  await world.begin(PEOPLE);
  await world.pool.query(RECORDER);
});
afterAll(() => world.end());

/** Four from Spain, four from France. */
const PEOPLE = `insert into contacts (id, country, age) select i, case when i <= 4 then 'ES' else 'FR' end, i * 10 from generate_series(1, 8) i`;
const SPANISH = '{"==":[{"var":"country"},"ES"]}';
const FRENCH = '{"==":[{"var":"country"},"FR"]}';
const MISSPELT = '{"==":[{"var":"contry"},"FR"]}';
const GUARD = { percent: 30, members: 2 };

const RECORDER = `
  create table public.transition (of text, "from" text, "to" text, query text);
  create function public.record_transition() returns trigger language plpgsql security definer as $$
  declare
    was constant text := case when tg_op = 'UPDATE' then to_jsonb(old) ->> tg_argv[0] end;
    becomes constant text := to_jsonb(new) ->> tg_argv[0];
  begin
    if was is distinct from becomes then
      insert into public.transition values (tg_table_name, was, becomes, current_query());
    end if;
    return null;
  end $$;
  create trigger record_transition after insert or update on segmentd.segment for each row execute function public.record_transition('state');
  create trigger record_transition after insert or update on segmentd.segment_version for each row execute function public.record_transition('state');
  create trigger record_transition after insert or update on segmentd_internal.build for each row execute function public.record_transition('phase')`;

const isWriter = (write: unknown): write is (...all: unknown[]) => Promise<unknown> => typeof write === 'function';

/** The text of a statement → the function that sends it. */
async function statementsOf(writers: Readonly<Record<string, unknown>>): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const [name, write] of Object.entries(writers)) {
    const query = async (text: string) => (found.set(text, name), { rows: [], rowCount: 0 });
    if (isWriter(write)) await write({ query }, [], [], [], {});
  }
  return found;
}

const run = (text: string, ...values: unknown[]) => world.pool.query(text, values);
const create = (key: string, condition = SPANISH) =>
  run('insert into segmentd.segment (key, condition) values ($1, $2)', key, condition);
const edit = (key: string, condition: string) =>
  run('update segmentd.segment set condition = $2 where key = $1', key, condition);
const makeStatic = (key: string) =>
  run(`update segmentd.segment set kind = 'static', condition = null where key = $1`, key);
const want = async (key: string, wanted: state.WantedState) => {
  await run('update segmentd.segment set wanted_state = $2 where key = $1', key, wanted);
  await world.code.carryOutRequests(world.pool, registry());
};
const registry = () => new world.code.Registry(world.catalogue);
const accept = () => world.code.acceptVersions(world.pool, world.catalogue);
const revalidate = () => world.code.revalidate(world.pool, world.catalogue);
const askRebuild = (key: string) =>
  run(
    `insert into segmentd_internal.rebuild_request (segment_id, reason) select id, 'repair' from segmentd.segment where key = $1`,
    key,
  );
const build = (guard: boolean, parked?: () => Promise<unknown>) =>
  world.code.rebuildOwed(world.pool, registry(), {
    wait: async () => {},
    connections: 1,
    ...(guard ? { guard: GUARD } : {}),
    at: async (step) => void (step === 'parked' && (await parked?.())),
  });
const FAILED = { code: 'failed', sqlstate: '22012', message: 'division by zero' } as const;
const freeze = async (key: string, as: 'failed' | 'invalid', cause: 'live' | 'build' = 'live') => {
  const reason =
    as === 'failed'
      ? ({ state: as, error: FAILED } as const)
      : ({ state: as, error: { code: 'drift', issues: [] } } as const);
  await world.code.freezeSegment(world.pool, (await world.state(key)).id, reason, cause);
};

const live = async (key: string) => {
  await create(key);
  await accept();
  await build(false);
};
const held = async (key: string) => {
  await live(key);
  await edit(key, FRENCH);
  await accept();
  await build(true);
};
/** A segment in each state that it can be put away from. */
const IN_STATE: Readonly<Record<(typeof state.ACTIVE_STATES)[number], (key: string) => Promise<unknown>>> = {
  building: async (key) => {
    await create(key);
    await accept();
  },
  live,
  held,
  invalid: async (key) => {
    await create(key, MISSPELT);
    await accept();
  },
  failed: async (key) => {
    await live(key);
    await freeze(key, 'failed');
  },
};

/** What happens to segments; each flow names its own. */
const FLOWS: Readonly<Record<string, () => Promise<unknown>>> = {
  'an edit that moves many is held and confirmed': async () => {
    await held('confirmed');
    await run(`update segmentd.segment set confirmed_version = version where key = 'confirmed'`);
    await accept();
    await build(true);
  },
  'a held segment is rebuilt': async () => {
    await held('rebuilt');
    await askRebuild('rebuilt');
    await build(true);
  },
  'an edit during the build of another that moves many': async () => {
    await live('overtaken');
    await edit('overtaken', FRENCH);
    await accept();
    await build(true, () => edit('overtaken', SPANISH));
  },
  'a held version is replaced by a valid one and by an invalid one': async () => {
    await held('valid');
    await held('misspelt');
    await edit('valid', SPANISH);
    await edit('misspelt', MISSPELT);
    await accept();
  },
  'two edits before the worker looks': async () => {
    await create('twice');
    await edit('twice', FRENCH);
    await accept();
  },
  'a first version is rejected and edited': async () => {
    await create('rejected', MISSPELT);
    await accept();
    await edit('rejected', SPANISH);
    await accept();
  },
  'a rejected version is proposed when what it reads is there': async () => {
    await create('reader', '{"in_segment":["later"]}');
    await accept();
    await create('later');
    await accept();
    await proposeUnblocked(world.pool, world.catalogue);
  },
  'a live version fails and is rebuilt on request, by itself, by an edit': async () => {
    for (const key of ['asked', 'again', 'edited']) await live(key);
    await freeze('asked', 'failed');
    await askRebuild('asked');
    await build(false);
    await freeze('again', 'failed');
    await revalidate();
    await freeze('edited', 'failed');
    await edit('edited', FRENCH);
    await accept();
  },
  'the tables change under a live version and change back': async () => {
    await live('drifted');
    await freeze('drifted', 'invalid');
    await revalidate();
  },
  'two workers freeze one segment': async () => {
    await live('both');
    await freeze('both', 'invalid');
    await freeze('both', 'failed');
  },
  'a held segment freezes': async () => {
    await held('held-failed');
    await freeze('held-failed', 'failed');
    await held('held-invalid');
    await freeze('held-invalid', 'invalid');
  },
  'a first build fails, and an invalid edit follows': async () => {
    await create('first');
    await accept();
    await build(false, () => freeze('first', 'failed', 'build'));
    await edit('first', MISSPELT);
    await accept();
  },
  'the tables change under a first build': async () => {
    await create('first-drifted');
    await accept();
    await freeze('first-drifted', 'invalid', 'build');
  },
  'a build of an edit fails': async () => {
    await live('unbuildable');
    await edit('unbuildable', FRENCH);
    await accept();
    const { id, version } = await world.state('unbuildable');
    await build(false, () => rejectUnbuildable(world.pool, id, version, FAILED));
  },
  'a frozen segment becomes static': async () => {
    await live('static');
    await freeze('static', 'failed');
    await makeStatic('static');
    await accept();
    await world.code.carryOutRequests(world.pool, registry());
    for (const as of ['failed', 'invalid'] as const) {
      await live(`static-${as}`);
      await makeStatic(`static-${as}`);
      await accept();
      await freeze(`static-${as}`, as);
      await world.code.carryOutRequests(world.pool, registry());
    }
  },
  'a caller puts segments away and takes them back': async () => {
    for (const [from, become] of Object.entries(IN_STATE)) {
      for (const away of state.AWAY_STATES) {
        const key = `${from}-${away}`;
        await become(key);
        expect(await world.state(key), key).toMatchObject({ state: from });
        await want(key, away);
        await want(key, 'live');
      }
      // One state after the other without a return.
      for (const [first, second] of [
        ['paused', 'archived'],
        ['paused', 'deleted'],
        ['archived', 'paused'],
        ['archived', 'deleted'],
      ] as const) {
        const key = `${from}-${first}-${second}`;
        await become(key);
        await want(key, first);
        await want(key, second);
      }
    }
  },
  'a pause during a build': async () => {
    await create('interrupted');
    await accept();
    await build(false, () => want('interrupted', 'paused'));
  },
  'a segment without a live version returns with an invalid edit': async () => {
    for (const away of state.AWAY_STATES) {
      const key = `invalid-after-${away}`;
      await create(key);
      await want(key, away);
      await run(
        `update segmentd.segment set wanted_state = $3, condition = $2 where key = $1`,
        key,
        MISSPELT,
        away === 'paused' ? 'paused' : 'live',
      );
      await accept();
    }
  },
};

const lines = (of: string, rows: readonly Transition<string, string>[]): string[] =>
  rows.flatMap(({ from, to, by }) => by.map((writer) => `${of}: ${from ?? 'new'} → ${to} by ${writer}`));

test('each transition that happens is in the table, and each of the table happens', async () => {
  for (const [name, flow] of Object.entries(FLOWS)) {
    await flow().catch((cause: unknown) => {
      throw new Error(name, { cause });
    });
  }
  const statements = new Map(
    (await Promise.all([writeSegment, writeVersion, writeBuild].map(statementsOf))).flatMap((one) => [...one]),
  );
  const { rows } = await world.pool.query<{ of: string; from: string | null; to: string; query: string }>(
    'select distinct t.of, t."from", t."to", t.query from public.transition t',
  );
  const happened = rows.map(
    (row) => `${row.of}: ${row.from ?? 'new'} → ${row.to} by ${statements.get(row.query) ?? 'caller'}`,
  );
  const described = [
    ...lines('segment', SEGMENT_TRANSITIONS),
    ...lines('segment_version', VERSION_TRANSITIONS),
    ...lines('build', BUILD_TRANSITIONS),
  ];
  expect([...new Set(happened)].toSorted()).toEqual(described.toSorted());
});

test('segmentd_internal.is_followed says the same as isFollowed', async () => {
  const rows = await world.database.query<{ state: state.SegmentState; followed: boolean }>(
    `select s.state, segmentd_internal.is_followed(s.state) as followed from unnest('{${state.SEGMENT_STATES.join(',')}}'::text[]) as s(state)`,
  );
  expect(rows.map(({ followed }) => followed)).toEqual(rows.map((row) => state.isFollowed(row.state)));
});

test('Postgres writes the text of segmentd_internal.is_followed into the statement', async () => {
  const plan = await world.database.query<{ 'QUERY PLAN': string }>(
    'explain (costs off, verbose) select s.id from segmentd.segment s where segmentd_internal.is_followed(s.state)',
  );
  const text = plan.map((row) => row['QUERY PLAN']).join('\n');
  expect(text).toContain(`(s.state = ANY ('{building,live,held}'::text[]))`);
  expect(text).not.toContain('is_followed');
});
