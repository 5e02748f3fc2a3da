/**
 * A simulated year: every pair of rule and contact has its flips worked out beforehand, to the microsecond, by code that is
 * not segmentd's; the clock stops a microsecond before each instant at which any leaf of any pair turns over, and at it; and
 * what the event log holds must be those flips, at those instants, and nothing else.
 */
import { random } from '../support/random.ts';
import { truthAt, type Timeline } from './timeline.ts';
import { daysOf } from './year-day.ts';
import { readPeople } from './year-people.ts';
import { yearRule } from './year-rule.ts';
import { Meaning } from './year-truth.ts';
import { createYearWorld, type Move, type YearWorld } from './year-world.ts';

export const ZONES = [
  'Europe/Madrid',
  'America/Havana',
  'Africa/Cairo',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Apia',
] as const;

/** Whole days, so that all that flips does so at a few times of day, at each of which the clock stops. */
const WINDOWS = [
  [1, 'day'],
  [2, 'day'],
  [48, 'hour'],
  [1, 'week'],
  [7, 'day'],
  [30, 'day'],
  [90, 'day'],
  [365, 'day'],
  [1, 'month'],
  [3, 'month'],
  [1, 'quarter'],
  [1, 'year'],
] as const;
const DAY = 86_400_000_000;

export interface YearSize {
  readonly begin: string;
  readonly days: number;
  readonly contacts: number;
  readonly rules: number;
  readonly seed: number;
}

export interface YearCount {
  /** Instants at which the clock stopped, those a microsecond before a breakpoint included. */
  stops: number;
  /** Flips that are due in the whole time, and moves seen so far. */
  due: number;
  moved: number;
  /** Moves before their flip, or without one. */
  early: number;
  /** Moves after their flip. */
  late: number;
  /** Flips without a move. */
  missed: number;
  /** Pairs that differed before the first stop or after the last one. */
  wrong: number;
}

export interface YearOptions {
  /** `of` stops in all. */
  readonly note?: (stop: number, of: number, count: YearCount) => void;
  /** A fault to be found: called with the world before it is begun. */
  readonly spoil?: (world: YearWorld) => Promise<void>;
}

export async function runYear(url: string, size: YearSize, { note, spoil }: YearOptions = {}): Promise<YearCount> {
  const r = random(size.seed);
  const world = await createYearWorld(url, size.begin, size.contacts, r);
  try {
    const expected = await expect(world, size, r);
    await spoil?.(world);
    const count: YearCount = {
      stops: 0,
      due: expected.due,
      moved: 0,
      early: 0,
      late: 0,
      missed: 0,
      wrong: await expected.wrong(expected.begin),
    };
    for (const at of expected.stops) {
      await world.step(isoOf(at));
      expected.validate(at, await world.moved(), count);
      count.stops += 1;
      note?.(count.stops, expected.stops.length, count);
    }
    count.missed = expected.owed;
    count.wrong += await expected.wrong(expected.end);
    return count;
  } finally {
    await world.end();
  }
}

/** Makes the rules, and works out all of the time before the clock moves. */
async function expect(
  world: YearWorld,
  { begin: from, days, contacts, rules }: YearSize,
  r: ReturnType<typeof random>,
): Promise<Expected> {
  const made = Array.from({ length: rules }, (_, n) => ({
    key: `rule-${n}`,
    condition: yearRule(r, WINDOWS),
    timezone: r.pick(ZONES),
  }));
  const ids = await world.create(made);
  const zones = new Map(await Promise.all(ZONES.map(async (zone) => [zone, await daysOf(world.pool, zone)] as const)));
  const begin = Date.parse(from) * 1000;
  const expected = new Expected(world, contacts, begin, begin + days * DAY);
  const people = await readPeople(world.pool);
  for (const { key, condition, timezone } of made) {
    const ofZone = zones.get(timezone);
    if (!ofZone) throw new Error(`no days of ${timezone}`);
    const meaning = new Meaning(ofZone, (leaf) => expected.stopAt(leaf));
    for (const [contact, person] of people) expected.add(ids.get(key) ?? NaN, contact, meaning.of(condition, person));
  }
  return expected;
}

/** What is to happen. A flip is a number: (segment × contacts + contact) × 2, and one more when the contact enters. */
class Expected {
  readonly begin: number;
  readonly end: number;
  due = 0;
  readonly #world: YearWorld;
  readonly #contacts: number;
  readonly #breaks = new Set<number>();
  readonly #flips = new Map<number, number[]>();
  readonly #atBegin = new Set<number>();
  readonly #atEnd = new Set<number>();
  /** Flips that were due and not seen. */
  readonly #owed = new Set<number>();

  constructor(world: YearWorld, contacts: number, begin: number, end: number) {
    this.#world = world;
    this.#contacts = contacts;
    this.begin = begin;
    this.end = end;
  }

  get owed(): number {
    return this.#owed.size;
  }

  /** Each instant at which anything could happen, each after the microsecond before it. */
  get stops(): readonly number[] {
    return [...new Set([...this.#breaks].flatMap((at) => [at - 1, at]))].toSorted((a, b) => a - b);
  }

  stopAt({ flips }: Timeline): void {
    for (const at of flips) if (this.#within(at)) this.#breaks.add(at);
  }

  add(segment: number, contact: number, timeline: Timeline): void {
    if (truthAt(timeline, this.begin)) this.#atBegin.add(this.#flip(segment, contact, true));
    if (truthAt(timeline, this.end)) this.#atEnd.add(this.#flip(segment, contact, true));
    for (const at of timeline.flips.filter((flip) => this.#within(flip))) {
      const flips = this.#flips.get(at) ?? [];
      if (flips.length === 0) this.#flips.set(at, flips);
      flips.push(this.#flip(segment, contact, truthAt(timeline, at)));
      this.due += 1;
    }
  }

  validate(at: number, moves: readonly Move[], count: YearCount): void {
    const due = new Set(this.#flips.get(at));
    for (const move of moves) {
      const flip = this.#flip(move.segment, Number(move.contact), move.entered);
      count.moved += 1;
      if (due.delete(flip) && move.at === at) continue;
      if (this.#owed.delete(flip)) count.late += 1;
      else count.early += 1;
    }
    for (const flip of due) this.#owed.add(flip);
  }

  /** Pairs whose stored membership is not what it should be at the first or the last instant. */
  async wrong(at: number): Promise<number> {
    const wanted = new Set(at === this.begin ? this.#atBegin : this.#atEnd);
    const { rows } = await this.#world.pool.query<{ segment: number; contact: string }>(
      'select m.segment_id as segment, m.contact_id::text as contact from segmentd.membership m',
    );
    const extra = rows.filter(({ segment, contact }) => !wanted.delete(this.#flip(segment, Number(contact), true)));
    return extra.length + wanted.size;
  }

  #within(at: number): boolean {
    return at > this.begin && at <= this.end;
  }

  #flip(segment: number, contact: number, entered: boolean): number {
    return (segment * this.#contacts + contact) * 2 + (entered ? 1 : 0);
  }
}

function isoOf(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000);
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(micros - seconds * 1_000_000).padStart(6, '0')}Z`;
}
