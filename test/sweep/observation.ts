/** Who changes sides when: random time rules over random rows, evaluated at pairs of instants around breakpoints. */
import type { FuzzDatabase } from '../oracle/fuzz-database.ts';
import { randomRules, sqlMembers, type Rule } from '../oracle/compare.ts';
import { instant, nows, shifted, windows, zones } from '../oracle/pool.ts';
import { random, type Random } from '../support/random.ts';
import { catalogueWith } from '../oracle/oracle-world.ts';
import { timelineOf } from './crosser.ts';

export interface Observation {
  /** What a sweep would cover. */
  readonly from: string;
  readonly to: string;
  /** Of evaluations at an instant of the span that differ from those at its end: rule and contact. */
  readonly changed: readonly (readonly [rule: Rule, contact: number])[];
}

export interface Observed {
  readonly timestamps: string;
  readonly rules: readonly Rule[];
  readonly spans: readonly Observation[];
}

const HOUR = 3_600_000_000n;

export async function observe(
  fuzz: FuzzDatabase,
  timestamps: string,
  seed: number,
  sizes: { readonly rules: number; readonly points: number; readonly spans: number },
): Promise<Observed> {
  const r = random(seed);
  const rules = timedRules(r, timestamps, sizes.rules);
  const spans: Observation[] = [];
  for (let n = 0; n < sizes.points; n += 1) {
    const at = await breakpoint(fuzz, r);
    const before = shifted(at, -1n);
    spans.push({ from: before, to: at, changed: await changes(fuzz, timestamps, rules, before, at) });
  }
  for (let n = 0; n < sizes.spans; n += 1) {
    const middle = r.pick(nows);
    const away = (): bigint => (BigInt(r.below(1000)) * HOUR * BigInt(r.pick([1, 1, 4, 24, 24 * 15]))) / 1000n;
    const [from, to] = [shifted(middle, -away()), shifted(middle, away())];
    const evaluated = r.pick([from, shifted(middle, -1n), middle]);
    spans.push({ from, to, changed: await changes(fuzz, timestamps, rules, evaluated < from ? from : evaluated, to) });
  }
  return { timestamps, rules, spans };
}

/** Rules that depend on time, and some that do not: those never change. */
function timedRules(r: Random, timestamps: string, count: number): Rule[] {
  const catalogue = catalogueWith(timestamps);
  const timed: Rule[] = [];
  const plain: Rule[] = [];
  while (timed.length < count) {
    for (const rule of randomRules(r, catalogue, 200)) {
      const { edges } = timelineOf(catalogue, [rule]);
      if (edges.size > 0) timed.push(rule);
      else if (plain.length < count / 4) plain.push(rule);
    }
  }
  return [...timed.slice(0, count), ...plain].map((rule, id) => ({ ...rule, id }));
}

/** An instant at which something flips: a window's end of some row, or a local midnight. */
async function breakpoint({ database }: FuzzDatabase, r: Random): Promise<string> {
  if (r.chance(0.6)) return shifted(instant(r), BigInt(r.pick(windows)[2]) * 1_000_000n * BigInt(r.pick([-1, 0, 1])));
  const [row] = await database.query<{ at: string }>(
    `select to_char((($1::timestamptz at time zone $2)::date + $3::int)::timestamp at time zone $2 at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at`,
    [r.pick(nows), r.pick(zones), r.below(9) - 4],
  );
  return row?.at ?? nows[0];
}

/** Rules and contacts whose verdicts at two instants differ. */
export async function changes(
  fuzz: FuzzDatabase,
  timestamps: string,
  rules: readonly Rule[],
  from: string,
  to: string,
): Promise<(readonly [Rule, number])[]> {
  const [before, after] = [
    await membersAt(fuzz, timestamps, rules, from),
    await membersAt(fuzz, timestamps, rules, to),
  ];
  const changed: (readonly [Rule, number])[] = [];
  for (const rule of rules) {
    const [old, now]: ReadonlySet<number>[] = [before.get(rule.id) ?? new Set(), after.get(rule.id) ?? new Set()];
    for (const contact of new Set([...(old ?? []), ...(now ?? [])])) {
      if (old?.has(contact) !== now?.has(contact)) changed.push([rule, contact]);
    }
  }
  return changed;
}

async function membersAt(
  { database }: FuzzDatabase,
  timestamps: string,
  rules: readonly Rule[],
  now: string,
): Promise<ReadonlyMap<number, ReadonlySet<number>>> {
  const members = new Map<number, Set<number>>();
  for (let start = 0; start < rules.length; start += 150) {
    for (const [id, own] of await sqlMembers(
      database,
      catalogueWith(timestamps),
      rules.slice(start, start + 150),
      now,
      'range',
    ))
      members.set(id, own);
  }
  return members;
}
