/** Rulers: percentiles, CPU time and memory of other processes (Linux), what a commit and a scan cost here. */
import { readFile } from 'node:fs/promises';
import type pg from 'pg';

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Ticks of /proc are hundredths of a second on every Linux that Node runs on. */
const TICK_MS = 10;

/** CPU time of a process so far, or of its children that have ended, milliseconds. */
export async function cpuMs(pid: number, { children = false }: { readonly children?: boolean } = {}): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name in brackets may hold spaces; fields are counted behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const first = children ? 13 : 11;
  return (Number(fields[first]) + Number(fields[first + 1])) * TICK_MS;
}

/** CPU milliseconds that the session's own backend spends on `work`. */
export async function backendCpu(client: pg.ClientBase, work: () => Promise<unknown>): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_catalog.pg_backend_pid() as pid');
  const pid = rows[0]?.pid ?? 0;
  const before = await cpuMs(pid);
  await work();
  return (await cpuMs(pid)) - before;
}

/** Peak resident memory of a process, MB. */
export async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? NaN) / 1024;
}

/**
 * Runs the sides in turns, each round in the opposite order, so that whatever else the machine does falls on all of them.
 * The first round warms up and is not counted.
 */
export async function alternate<Side extends string>(
  rounds: number,
  sides: Readonly<Record<Side, () => Promise<number>>>,
): Promise<Record<Side, number[]>> {
  const names = Object.keys(sides) as Side[];
  const values = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Side, number[]>;
  for (let round = 0; round <= rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const value = await sides[name]();
      if (round > 0) values[name].push(value);
    }
  }
  return values;
}

/** Median of the ratios a/b of each round. */
export function ratio(a: readonly number[], b: readonly number[]): number {
  return median(a.map((value, round) => value / (b[round] ?? NaN)));
}

/** Median milliseconds of a commit that writes one row. */
export async function commitLatency(pool: pg.Pool): Promise<number> {
  const client = await pool.connect();
  try {
    await client.query('create table if not exists public.bench_commit (n integer)');
    const values: number[] = [];
    for (let i = 0; i < 200; i++)
      values.push(await timed(() => client.query('insert into public.bench_commit values (1)')));
    await client.query('drop table public.bench_commit');
    return median(values);
  } finally {
    client.release();
  }
}

/** Median milliseconds of counting all contacts without an index, on one core. */
export async function countingScan(pool: pg.Pool): Promise<number> {
  const client = await pool.connect();
  try {
    await client.query('begin; set local max_parallel_workers_per_gather = 0; set local enable_indexonlyscan = off');
    const values: number[] = [];
    for (let i = 0; i < 5; i++)
      values.push(await timed(() => client.query('select count(points) from public.contacts')));
    await client.query('rollback');
    return median(values);
  } finally {
    client.release();
  }
}
