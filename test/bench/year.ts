import { differenceInRange } from '../../src/membership/compare.ts';
import { render, sql, type Statement } from '../../src/compile/fragment.ts';
import { recheckQuery } from '../../src/compile/statement.ts';
import { planVersion, type Plan } from '../../src/segment/plan.ts';
import { shifted } from '../fuzz/pool.ts';
import { random, type Random } from '../fuzz/random.ts';
import { yearRule, type FlipKind } from '../sweep/year-rule.ts';
import type { Context, Figure, Row } from './figure.ts';
import { BEGIN, createYear, ZONES, type Move, type Year } from './year-world.ts';

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
/** Of so many steps one is preceded by another, a microsecond earlier, at which nothing may happen. */
const EARLY_EVERY = 3;
/** Days between two comparisons of all pairs: what was missed would still be wrong then. */
const COMPARED_EVERY = 7;

export const year: Figure = {
  title: 'A year of simulated time: 10,000 contacts × 200 random time rules, against brute force at every breakpoint',
  long: true,
  async run(context: Context) {
    const [contacts, rules, days] = context.quick ? [500, 40, 45] : [10_000, 200, 366];
    const r = random(20240210);
    const year = await createYear(context, contacts, r);
    try {
      const { plans, times } = await createRules(year, r, rules);
      const judge = new Judge(year, plans);
      const count: Count = { steps: 0, moved: 0, untimely: 0, early: 0, compared: 0, wrong: 0 };
      await judge.all(count);
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
          await judge.moved(at, await year.moved(), count);
        }
        if (day % COMPARED_EVERY === 0 || day === days) await judge.all(count);
        context.note(`day ${day} of ${days}, ${date}: ${JSON.stringify(count)}`);
      }
      return [
        { measure: 'early: moved a microsecond before a breakpoint', value: count.early, unit: 'rows', wanted: { atMost: 0 }, beside: `${count.steps} instants, the microsecond before a third of them too` },
        { measure: 'late or early: moved at an instant at which brute force does not flip', value: count.untimely, unit: 'rows', wanted: { atMost: 0 }, beside: `${count.moved} moves, each computed anew at the instant and a microsecond before` },
        { measure: 'missed: differ from brute force', value: count.wrong, unit: 'rows', wanted: { atMost: 0 }, beside: `${count.compared} pairs compared, all of them every ${COMPARED_EVERY} days` },
      ] satisfies Row[];
    } finally {
      await year.end();
    }
  },
};

interface Count {
  steps: number;
  moved: number;
  untimely: number;
  early: number;
  compared: number;
  wrong: number;
}

/** The rules, and the UTC times of day at which any of them can flip. */
async function createRules(year: Year, r: Random, count: number): Promise<{ readonly plans: readonly Plan[]; readonly times: readonly string[] }> {
  const made = new Map<string, { readonly zone: (typeof ZONES)[number]; readonly json: unknown }>();
  const times = new Set<string>();
  for (let n = 0; n < count; n += 1) {
    const zone = r.pick(ZONES);
    const json = yearRule(r, WINDOWS, (kind) => {
      for (const time of kind === 'midnight' || kind === 'shifted midnight' ? MIDNIGHTS[zone] : TIMES[kind]) times.add(time);
    });
    made.set(`rule-${n}`, { zone, json });
  }
  const ids = await year.create([...made].map(([key, { json, zone }]) => ({ key, condition: json, timezone: zone })));
  const plans = [...made].map(([key, { zone, json }]) => {
    const planned = planVersion(year.catalogue, { segmentId: ids.get(key) ?? 0, version: 1, condition: json, timezone: zone });
    if (!planned.ok) throw new Error(JSON.stringify(planned.issues));
    return planned.plan;
  });
  return { plans, times: [...times].toSorted() };
}

/** Brute force: conditions computed from the tables, at instants of its own choice. */
class Judge {
  readonly #year: Year;
  readonly #difference: Statement;
  readonly #verdicts: Statement;
  readonly #pairs: number;

  constructor(year: Year, plans: readonly Plan[]) {
    this.#year = year;
    const options = { segmentId: () => 0 };
    this.#difference = render(sql`select count(*)::int as wrong from (${differenceInRange(year.catalogue, plans, { low: undefined, high: undefined }, options)}) d`);
    this.#verdicts = render(recheckQuery(year.catalogue, plans, options));
    this.#pairs = plans.length * year.contacts;
  }

  /** Every pair, at the present. */
  async all(count: Count): Promise<void> {
    const { client } = this.#year;
    const present = await client.query<{ at: string }>('select segmentd.instant()::text as at');
    const { text, bind } = this.#difference;
    const { rows } = await client.query<{ wrong: number }>({ name: 'difference', text, values: bind({ now: present.rows[0]?.at }) });
    count.wrong += rows[0]?.wrong ?? NaN;
    count.compared += this.#pairs;
  }

  /** Who moved at `at` must be there as they should, and a microsecond before that on the other side. */
  async moved(at: string, moves: readonly Move[], count: Count): Promise<void> {
    count.steps += 1;
    if (moves.length === 0) return;
    const contacts = [...new Set(moves.map((move) => move.contact))];
    const [now, before] = [await this.#verdictsAt(at, contacts), await this.#verdictsAt(shifted(at, -1n), contacts)];
    for (const { segment, contact, entered } of moves) {
      count.moved += 1;
      const key = `${segment} ${contact}`;
      if (now.has(key) !== entered || before.has(key) === entered) count.untimely += 1;
    }
  }

  async #verdictsAt(now: string, contacts: readonly string[]): Promise<ReadonlySet<string>> {
    const { text, bind } = this.#verdicts;
    const { rows } = await this.#year.client.query<{ contact_id: string; segments: number[] }>({ name: 'verdicts', text, values: bind({ now, contacts }) });
    return new Set(rows.flatMap((row) => row.segments.map((segment) => `${segment} ${row.contact_id}`)));
  }
}
