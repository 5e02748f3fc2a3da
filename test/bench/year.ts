import type pg from 'pg';
import { differenceInRange } from '../../src/membership/compare.ts';
import { render, sql, type Statement } from '../../src/compile/fragment.ts';
import { planVersion, type Plan } from '../../src/segment/plan.ts';
import { shifted } from '../fuzz/pool.ts';
import { random, type Random } from '../fuzz/random.ts';
import { yearRule, type FlipKind } from '../sweep/year-rule.ts';
import type { Context, Figure, Row } from './figure.ts';
import { BEGIN, createYear, ZONES, type Year } from './year-world.ts';

/** Whole days, so that all that flips does so at a few times of day, each of which is compared. */
const WINDOWS = [[1, 'day'], [2, 'day'], [48, 'hour'], [1, 'week'], [7, 'day'], [30, 'day'], [90, 'day'], [365, 'day']] as const;
/** UTC times at which a local day begins, in winter and in summer, skipped and doubled midnights included. */
const MIDNIGHTS: Readonly<Record<(typeof ZONES)[number], readonly string[]>> = {
  'Europe/Madrid': ['22:00', '23:00'],
  'America/Havana': ['04:00', '05:00'],
  'Africa/Cairo': ['21:00', '22:00'],
  'Asia/Kolkata': ['18:30'],
  'Australia/Lord_Howe': ['13:00', '13:30'],
  'Pacific/Apia': ['11:00'],
};
/** Instants lie at noon; wall clocks of Havana show eight in the morning. */
const TIMES: Readonly<Record<Exclude<FlipKind, 'midnight' | 'shifted midnight'>, readonly string[]>> = { instant: ['12:00'], wall: ['12:00', '13:00'] };
/** So many steps are preceded by one a microsecond earlier, at which nothing may happen. */
const EARLY_EVERY = 3;

interface Timed {
  readonly plan: Plan;
  /** UTC times of day at which it can flip. */
  readonly times: ReadonlySet<string>;
}

export const year: Figure = {
  title: 'A year of simulated time: 10,000 contacts × 200 random time rules, against brute force at every breakpoint',
  long: true,
  async run(context: Context) {
    const [contacts, rules, days] = context.quick ? [500, 40, 45] : [10_000, 200, 366];
    const r = random(20240210);
    const year = await createYear(context, contacts, r);
    try {
      const timed = await createRules(year, r, rules);
      const compare = new Comparison(year);
      const count = { early: 0, wrong: 0, steps: 0, compared: 0 };
      await compare.at(BEGIN, timed, count);
      const times = [...new Set(timed.flatMap((one) => [...one.times]))].toSorted();
      for (let day = 0; day <= days; day += 1) {
        const date = shifted(BEGIN, BigInt(day) * 86_400_000_000n).slice(0, 10);
        for (const time of times) {
          const at = `${date}T${time}:00.000000Z`;
          if (at < BEGIN) continue;
          if (count.steps % EARLY_EVERY === 0) {
            await year.step(shifted(at, -1n));
            count.early += (await year.moved()).length;
          }
          await year.step(at);
          const due = timed.filter((one) => one.times.has(time));
          const moved = new Set(await year.moved());
          for (const { plan } of due) moved.delete(plan.id);
          count.early += moved.size;
          await compare.at(at, due, count);
        }
        context.note(`day ${day} of ${days}: ${date}, ${count.compared} pairs compared, ${count.early} early, ${count.wrong} wrong`);
      }
      await compare.at(undefined, timed, count);
      const events = await year.events();
      return [
        { measure: 'early: moved a microsecond before a breakpoint, or at no breakpoint of theirs', value: count.early, unit: 'rows', wanted: { atMost: 0 } },
        { measure: 'late or missed: differ from brute force at a breakpoint', value: count.wrong, unit: 'rows', wanted: { atMost: 0 }, beside: `${count.compared} pairs compared at ${count.steps} instants` },
        { measure: 'members that time moved', value: events, unit: 'rows' },
      ] satisfies Row[];
    } finally {
      await year.end();
    }
  },
};

async function createRules(year: Year, r: Random, count: number): Promise<readonly Timed[]> {
  const made = new Map<string, { readonly kinds: ReadonlySet<FlipKind>; readonly zone: (typeof ZONES)[number]; readonly json: unknown }>();
  for (let n = 0; n < count; n += 1) {
    const kinds = new Set<FlipKind>();
    const json = yearRule(r, WINDOWS, (kind) => kinds.add(kind));
    made.set(`rule-${n}`, { kinds, zone: r.pick(ZONES), json });
  }
  const ids = await year.create([...made].map(([key, { json, zone }]) => ({ key, condition: json, timezone: zone })));
  return [...made].map(([key, { kinds, zone, json }]) => {
    const planned = planVersion(year.catalogue, { segmentId: ids.get(key) ?? 0, version: 1, condition: json, timezone: zone });
    if (!planned.ok) throw new Error(JSON.stringify(planned.issues));
    const times = [...kinds].flatMap((kind) => (kind === 'midnight' || kind === 'shifted midnight' ? MIDNIGHTS[zone] : TIMES[kind]));
    return { plan: planned.plan, times: new Set(times) };
  });
}

/** All contacts computed anew, by one statement for the rules that can flip at a time of day. */
class Comparison {
  readonly #year: Year;
  readonly #prepared = new Map<string, { readonly name: string; readonly statement: Statement }>();

  constructor(year: Year) {
    this.#year = year;
  }

  async at(at: string | undefined, due: readonly Timed[], count: { wrong: number; steps: number; compared: number }): Promise<void> {
    const { client, catalogue, contacts } = this.#year;
    const ids = due.map(({ plan }) => plan.id).join();
    let known = this.#prepared.get(ids);
    if (!known) {
      const difference = differenceInRange(catalogue, due.map(({ plan }) => plan), { low: undefined, high: undefined }, { segmentId: () => 0 });
      known = { name: `compare ${this.#prepared.size}`, statement: render(sql`select count(*)::int as wrong from (${difference}) d`) };
      this.#prepared.set(ids, known);
    }
    const now = at ?? (await instantOf(client));
    const { rows } = await client.query<{ wrong: number }>({ name: known.name, text: known.statement.text, values: known.statement.bind({ now }) });
    count.wrong += rows[0]?.wrong ?? NaN;
    count.steps += 1;
    count.compared += due.length * contacts;
  }
}

async function instantOf(client: pg.PoolClient): Promise<string> {
  const { rows } = await client.query<{ at: string }>('select segmentd.instant()::text as at');
  return rows[0]?.at ?? '';
}
