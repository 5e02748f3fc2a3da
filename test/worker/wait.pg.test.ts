/** `wait` covers what its work sets off, ends while others go on, and waits for no strangers when a key is given. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Queryable } from '../../src/postgres/pool.ts';
import type { RebuildOptions } from '../../src/rebuild/rebuild-option.ts';
import type { DrainSession } from '../../src/recheck/drain-session.ts';
import type { Registry } from '../../src/followed/registry.ts';
import { waitUntilVisible, type WaitOptions } from '../../src/worker/wait.ts';
import { adult, everybody, french, none, spanish, within, without, type Meaning } from '../support/world-meaning.ts';
import { createTeam } from '../fault/random-team.ts';
import { until } from '../support/until.ts';
import { startWorker } from '../support/world-worker.ts';
import { createWorld, type World } from '../support/world.ts';

vi.setConfig({ testTimeout: 120_000 });

let world: World;
let session: DrainSession;
let registry: Registry;
beforeAll(async () => {
  world = await createWorld();
  const pool = await world.workerPool('steps', 4);
  const client = await pool.connect();
  session = new world.code.DrainSession(client, 'bigint');
  await session.prepare();
  registry = new world.code.Registry(world.catalogue);
});
afterAll(async () => {
  session.client.release(true);
  await world.end();
});

const PEOPLE = `insert into contacts (id, country) select n, case n % 3 when 0 then 'ES' else 'FR' end from generate_series(1, 30) n`;
const CROWD = `insert into contacts (id, country) select n, case n % 3 when 0 then 'ES' else 'FR' end from generate_series(1, 12000) n`;

interface Waiting {
  /** Resolves with true when the wait has ended, with false when it has looked twice more and goes on. */
  ends(): Promise<boolean>;
  readonly done: Promise<unknown>;
}

/** A wait whose looks at what is pending are counted. */
async function waiting(options: Partial<WaitOptions> = {}): Promise<Waiting> {
  let looks = 0;
  let ended = false;
  const watched = {
    async query(...args: unknown[]): Promise<unknown> {
      const [config] = args;
      if (
        typeof config === 'object' &&
        config !== null &&
        'name' in config &&
        String(config.name).startsWith('pending_')
      ) {
        looks += 1;
      }
      return (world.pool.query as (...all: unknown[]) => Promise<unknown>)(...args);
    },
  } as unknown as Queryable;
  const done = waitUntilVisible(watched, { timeoutMs: 30_000, ...options }).finally(() => {
    ended = true;
  });
  done.catch(() => {});
  await until(() => looks > 1 || ended, { message: 'it has looked' });
  return {
    done,
    async ends() {
      const before = looks;
      await until(() => ended || looks > before + 2, { message: 'it looks again' });
      return ended;
    },
  };
}

const drain = () => world.code.drain(session, registry, { batchSize: 1_000 });
async function build(at?: RebuildOptions['at']): Promise<void> {
  const pool = await builderPool();
  await world.code.acceptVersions(pool, world.catalogue);
  await world.code.carryOutRequests(pool, registry);
  await world.code.rebuildOwed(pool, registry, { connections: 2, wait: async () => {}, ...(at ? { at } : {}) });
}
let builder: ReturnType<World['workerPool']> | undefined;
const builderPool = () => (builder ??= world.workerPool('builder', 4));

/** Works step by step until the wait ends, which must not be before all is right. */
async function workUntil(waits: Waiting, step: () => Promise<unknown>): Promise<number> {
  for (let steps = 1; ; steps += 1) {
    await step();
    if (await waits.ends()) {
      await waits.done;
      await world.exact();
      return steps;
    }
    if (steps > 20) throw new Error('the wait does not end');
  }
}

const both: Meaning = {
  condition: { and: [within('left').condition, without('right').condition] },
  sql: `(${within('left').sql} and ${without('right').sql})`,
};
const either: Meaning = {
  condition: { or: [within('left').condition, within('right').condition] },
  sql: `(${within('left').sql} or ${within('right').sql})`,
};

const CHAIN: Readonly<Record<string, Meaning>> = { a: spanish, b: within('a'), c: without('b'), d: within('c') };

test('wait ends once a change has reached readers and their readers', async () => {
  await world.begin(PEOPLE, CHAIN);
  await world.pool.query(`update contacts set country = 'ES' where id = 1`);
  expect(await workUntil(await waiting(), drain)).toBe(4);
});

test('wait ends once an edit of few members has reached readers by rechecks', async () => {
  await world.begin(PEOPLE, CHAIN);
  await world.want({ a: french });
  const steps = [build, drain, drain, drain];
  expect(await workUntil(await waiting(), async () => (steps.shift() ?? drain)())).toBe(4);
});

test('wait ends once an edit of many members has reached readers by rebuilds', async () => {
  await world.begin(CROWD, { a: none, b: within('a'), c: without('b') });
  await world.want({ a: everybody });
  await workUntil(await waiting(), async () => {
    await build();
    await drain();
  });
});

test('wait ends though changes, edits and rebuilds never pause', async () => {
  await world.begin(PEOPLE, { ...CHAIN, stranger: french });
  await world.pool.query(`update contacts set country = 'ES' where id = 1`);
  let contact = 1_000;
  const more = async (): Promise<void> => {
    await world.pool.query(`insert into contacts (id, country) values ($1, 'FR')`, [(contact += 1)]);
    await world.pool.query(`update contacts set country = case country when 'ES' then 'FR' else 'ES' end where id = 2`);
    await world.pool.query(
      `insert into segmentd_internal.rebuild_request (segment_id, reason) select s.id, 'repair' from segmentd.segment s`,
    );
    await world.want({ stranger: { condition: { '==': [{ var: 'age' }, contact] }, sql: `c.age = ${contact}` } });
  };
  const waits = await waiting();
  let steps = 0;
  // More comes at steps of the work, not at times: on a busy machine an edit would come before each build could begin.
  do {
    await more();
    await build(async (step) => (step === 'chunk' ? more() : undefined));
    await more();
    await drain();
    steps += 1;
  } while (!(await waits.ends()) && steps < 20);
  await waits.done;
  // What was committed before the call, and what followed from it, is there; the newest may not be.
  expect(await world.members('a')).toContain('1');
  expect(await world.members('b')).toContain('1');
  expect(await world.members('c')).not.toContain('1');
  expect(await world.members('d')).not.toContain('1');
  await world.settle();
  await world.exact();
});

test('wait with a key waits for the segment and what it reads, not for other segments', async () => {
  await world.begin(PEOPLE, { ...CHAIN, stranger: french });
  const holder = await world.pool.connect();
  try {
    await holder.query('begin');
    await holder.query(
      `select pg_advisory_xact_lock(7363, s.id & 255) from segmentd.segment s where s.key = 'stranger'`,
    );
    await world.pool.query(`update contacts set country = 'ES' where id = 1`);
    await world.pool.query(
      `insert into segmentd_internal.rebuild_request (segment_id, reason) select s.id, 'repair' from segmentd.segment s where s.key = 'stranger'`,
    );
    const waits = await waiting({ key: 'b' });
    let steps = 0;
    do {
      await drain();
      steps += 1;
    } while (!(await waits.ends()) && steps < 10);
    await waits.done;
    expect(await world.members('b')).toContain('1');
    expect(await world.members('stranger')).toContain('1');
    // What it reads is.
    await world.pool.query(`update contacts set country = 'ES' where id = 2`);
    await expect(waitUntilVisible(world.pool, { key: 'b', timeoutMs: 300 })).rejects.toMatchObject({ code: 'failed' });
  } finally {
    await holder.query('rollback');
    holder.release();
  }
  await world.settle();
  await world.exact();
});

test('wait ends once pauses, resumptions, deletions and overrides of before the call have reached readers', async () => {
  await world.begin(PEOPLE, { ...CHAIN, paused: spanish, over: within('paused') });
  for (const step of ['paused', 'live'] as const) {
    await world.pool.query(`update segmentd.segment set wanted_state = $1 where key = 'paused'`, [step]);
    if (step === 'live') await world.pool.query(`update contacts set country = 'ES' where id = 4`);
    await workUntil(await waiting(), async () => {
      await build();
      await drain();
    });
    expect(await world.state('paused')).toMatchObject({ state: step });
  }
  expect(await world.members('over')).toContain('4');
  await world.pool.query(
    `insert into segmentd.override (segment_id, contact_id, kind) select s.id, 5, 'include' from segmentd.segment s where s.key = 'a'`,
  );
  expect(await workUntil(await waiting(), drain)).toBeGreaterThan(3);
  expect(await world.members('b')).toContain('5');
});

test.each([1, 2, 3])(
  'random edits of a chain and a diamond, with two slow workers: exact whenever a wait returns (round %i)',
  async (round) => {
    const { pick } = createTeam(world, round);
    await world.begin(CROWD);
    await world.want({ top: spanish, left: within('top'), right: without('top'), foot: both, under: without('foot') });
    await world.settle();
    const slow = async (): Promise<void> => delay(pick(4) === 0 ? pick(40) : 0);
    const workers = await Promise.all(
      [1, 2].map((drains) =>
        startWorker(world, {
          drains,
          batchSize: 700,
          guard: { percent: 100, members: 1_000_000 },
          failpoint: { drain: slow, rebuild: slow },
        }),
      ),
    );
    try {
      for (let turn = 0; turn < 8; turn += 1) {
        const key = ['top', 'top', 'left', 'foot'][pick(4)] ?? 'top';
        const meaning = {
          top: [spanish, french, everybody, none, adult][pick(5)],
          left: [within('top'), without('top')][pick(2)],
          foot: [both, either][pick(2)],
        }[key];
        if (meaning) await world.want({ [key]: meaning });
        await world.pool.query(
          `update contacts set country = case country when 'ES' then 'FR' else 'ES' end where id % 97 = $1`,
          [pick(97)],
        );
        await waitUntilVisible(world.pool, { timeoutMs: 60_000 });
        await world.exact();
      }
    } finally {
      await Promise.all(workers.map((worker) => worker.stop()));
    }
  },
);
