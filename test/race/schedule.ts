/**
 * Plays a given interleaving of the steps of several actors on real connections. One actor moves at a time, from one gate
 * to its next; an actor that waits for a lock of Postgres is left waiting and the others go on. Nothing here guesses a
 * time: an actor is watched until it stands at a gate, has ended, or waits for a lock.
 */
import { inspect } from 'node:util';
import type pg from 'pg';
import { until } from '../support/until.ts';
import type { World } from '../support/world.ts';

/** Stands still until the schedule lets the actor go on. */
export type Gate = (step?: string) => Promise<void>;

export interface Actor {
  readonly name: string;
  /** `application_name` of its connections. */
  readonly applications: readonly string[];
  run(gate: Gate): Promise<void>;
}

interface Player {
  readonly actor: Actor;
  status: 'moving' | 'standing' | 'ended';
  go: () => void;
  ended: Promise<void>;
  error?: unknown;
}

/**
 * In this database: actors of other files beside us have the same names. Held in it, too: for its turn to NOTIFY, a commit waits
 * for those of others, which go on by themselves.
 */
const WAITING = `
  select distinct holder.application_name as holder from pg_catalog.pg_stat_activity a
  join pg_catalog.pg_stat_activity holder on holder.pid = any (pg_blocking_pids(a.pid))
  where a.application_name = any ($1) and a.state = 'active' and a.wait_event_type = 'Lock' and holder.backend_type = 'client backend'
    and a.datname = current_database() and holder.datname = a.datname`;

export interface Played {
  /** Actors that were seen waiting for a lock, and the applications that held it. */
  readonly waited: ReadonlyMap<string, ReadonlySet<string>>;
}

/** `order`: an actor's name a move. Moves that are left over are played in turn at the end. Throws what an actor threw. */
export async function play(observer: pg.Pool, actors: readonly Actor[], order: readonly string[]): Promise<Played> {
  const players = new Map(actors.map((actor) => [actor.name, enter(actor)]));
  const waited = new Map<string, Set<string>>();
  const move = async (name: string): Promise<boolean> => {
    const player = players.get(name);
    if (!player || player.status === 'ended') return false;
    const blocked = player.status === 'moving';
    if (!blocked) player.go();
    const holders = await settled(observer, player);
    const moved = holders.length === 0;
    if (!moved) waited.set(name, new Set([...(waited.get(name) ?? []), ...holders]));
    // One that was blocked has only come through its lock: it has not had this turn yet.
    if (moved && blocked && (player.status as Player['status']) === 'standing') {
      player.go();
      return (await settled(observer, player)).length === 0;
    }
    return moved || !blocked;
  };
  for (const name of order) await move(name);
  await until(
    async () => {
      let over = true;
      for (const { name } of actors) {
        await move(name);
        if (players.get(name)?.status !== 'ended') over = false;
      }
      return over;
    },
    {
      timeout: 20_000,
      interval: 0,
      message: `the end of ${actors.map((actor) => actor.name).join(', ')} in the order ${order.join(' ')}`,
    },
  );
  for (const { actor, error } of players.values()) {
    if (error !== undefined)
      throw new Error(`${actor.name} failed in the order ${order.join(' ')}: ${inspect(error)}`, { cause: error });
  }
  return { waited };
}

function enter(actor: Actor): Player {
  const player: Player = { actor, status: 'standing', go: () => {}, ended: Promise.resolve() };
  const stand = (): Promise<void> =>
    new Promise((resolve) => {
      player.status = 'standing';
      player.go = () => {
        player.status = 'moving';
        resolve();
      };
    });
  const first = stand();
  const perform = async (): Promise<void> => {
    try {
      await first;
      await actor.run(stand);
    } catch (error) {
      player.error = error;
    } finally {
      player.status = 'ended';
    }
  };
  player.ended = perform();
  return player;
}

/** Returns when it stands or has ended (nothing), or with the holders of the lock that it waits for. */
async function settled(observer: pg.Pool, player: Player): Promise<readonly string[]> {
  // A move takes a few round trips; asking Postgres before that would only be in its way.
  for (let turns = 0; turns < 20 && player.status === 'moving'; turns += 1)
    await new Promise((resolve) => setImmediate(resolve));
  for (let seen = 0; player.status === 'moving';) {
    const { rows } = await observer.query<{ holder: string }>(WAITING, [player.actor.applications]);
    if (player.status !== 'moving') break;
    seen = rows.length > 0 ? seen + 1 : 0;
    if (seen >= 3) return rows.map((row) => row.holder);
  }
  return [];
}

/** A play did not come to where its schedule leads: what it found, and what it did not find, says nothing. */
export class OtherSchedule extends Error {}

/**
 * What a play found. A play in which an actor did not get a lock in time, or that a scenario ends with `OtherSchedule`, was another
 * schedule than the one that was asked for, as on a machine that stands still for half a second: it is played again, at most twice.
 */
export async function found(world: World, play: () => Promise<readonly string[]>): Promise<readonly string[]> {
  for (let plays = 1; ; plays += 1) {
    const before = world.refusals();
    let wrong: readonly string[];
    try {
      wrong = await play();
    } catch (error) {
      if (!(error instanceof OtherSchedule) || plays === 3) throw error;
      continue;
    }
    if (wrong.length > 0 || plays === 3 || world.refusals() === before) return wrong;
  }
}

/** Every order of `counts[name]` moves of each. */
export function* interleavings(counts: Readonly<Record<string, number>>): Generator<readonly string[]> {
  const left = { ...counts };
  const order: string[] = [];
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  function* next(): Generator<readonly string[]> {
    if (order.length === total) {
      yield [...order];
      return;
    }
    for (const name of Object.keys(left)) {
      if ((left[name] ?? 0) === 0) continue;
      left[name] = (left[name] ?? 0) - 1;
      order.push(name);
      yield* next();
      order.pop();
      left[name] = (left[name] ?? 0) + 1;
    }
  }
  yield* next();
}

/** Random orders, the same for the same seed. */
export function* sampled(
  counts: Readonly<Record<string, number>>,
  samples: number,
  seed: number,
): Generator<readonly string[]> {
  const random = randomFrom(seed);
  const moves = Object.entries(counts).flatMap(([name, count]) => Array.from({ length: count }, () => name));
  for (let sample = 0; sample < samples; sample += 1)
    yield moves
      .map((name) => ({ name, at: random() }))
      .toSorted((a, b) => a.at - b.at)
      .map(({ name }) => name);
}

/** mulberry32: small, and the same everywhere. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Multiplies how many random plays are tried; 1 by default. */
export const SCALE = Math.max(0.1, Number(process.env['SEGMENTD_TEST_SCALE'] ?? '1') || 1);
