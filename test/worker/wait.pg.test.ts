/** `wait` covers what its work sets off, ends while others go on, and waits for no strangers when a key is given. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Queryable } from '../../src/postgres/pool.ts';
import type { DrainSession } from '../../src/recheck/session.ts';
import type { Registry } from '../../src/segment/registry.ts';
import { waitUntilVisible, type WaitOptions } from '../../src/worker/wait.ts';
import { everybody, french, nobody, spanish, within, without, type Meaning } from '../support/world-meaning.ts';
import { until } from '../support/until.ts';
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

/** A wait whose looks at what is pending are counted. `onLook` runs before each of them. */
async function waiting(options: Partial<WaitOptions> = {}, onLook: () => Promise<void> = async () => {}): Promise<Waiting> {
  let looks = 0;
  let ended = false;
  const watched = {
    async query(...args: unknown[]): Promise<unknown> {
      const [config] = args;
      if (typeof config === 'object' && config !== null && 'name' in config && String(config.name).startsWith('pending_')) {
        await onLook();
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
async function build(): Promise<void> {
  const pool = await builderPool();
  await world.code.acceptVersions(pool, world.catalogue);
  await world.code.carryOutRequests(pool, registry);
  await world.code.rebuildOwed(pool, registry, { wait: async () => {} });
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

const CHAIN: Readonly<Record<string, Meaning>> = { a: spanish, b: within('a'), c: without('b'), d: within('c') };

test('a change: segments that read the one it moves, and those that read these', async () => {
  await world.begin(PEOPLE, CHAIN);
  await world.pool.query(`update contacts set country = 'ES' where id = 1`);
  expect(await workUntil(await waiting(), drain)).toBe(4);
});

test('an edit of few: its flip queues rechecks, which queue more', async () => {
  await world.begin(PEOPLE, CHAIN);
  await world.want({ a: french });
  const steps = [build, drain, drain, drain];
  expect(await workUntil(await waiting(), async () => (steps.shift() ?? drain)())).toBe(4);
});

test('an edit of many: its flip asks for rebuilds of its readers, and theirs for more', async () => {
  await world.begin(CROWD, { a: nobody, b: within('a'), c: without('b') });
  await world.want({ a: everybody });
  await workUntil(await waiting(), async () => {
    await build();
    await drain();
  });
});
