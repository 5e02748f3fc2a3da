/**
 * What the rules of `yearRule` mean, written once more from the language's table of meanings and sharing no code with
 * segmentd: the timeline of a rule for one contact. Nothing is evaluated at instants, so nothing falls between two of them.
 */
import { anniversaryIn, dayOf, firstDayThatReaches, periodBegin, type Days, type Unit } from './year-day.ts';
import { always, between, combine, never, not, since, type Timeline } from './timeline.ts';

/** A row by the names that conditions use. Instants and wall clocks are numbers, days texts; null: missing. */
export type Row = Readonly<Record<string, number | string | null>>;

export interface Person {
  readonly own: Row;
  readonly orders: readonly Row[];
  readonly items: readonly Row[];
}

/** Hears of every leaf's timeline. */
type OnLeaf = (leaf: Timeline) => void;

const SECOND = 1_000_000;
const MONTHS: Readonly<Record<string, number>> = { month: 1, quarter: 3, year: 12 };
const SECONDS: Readonly<Record<string, number>> = { minute: 60, hour: 3_600, day: 86_400, week: 604_800 };

type Json = Readonly<Record<string, unknown>>;

export class Meaning {
  readonly #days: Days;
  readonly #onLeaf: OnLeaf;

  constructor(days: Days, onLeaf: OnLeaf) {
    this.#days = days;
    this.#onLeaf = onLeaf;
  }

  of(rule: unknown, person: Person): Timeline {
    return this.#condition(rule, person.own, person);
  }

  #condition(rule: unknown, row: Row, person: Person): Timeline {
    const [name, args] = split(rule);
    const each = (where: unknown, rows: readonly Row[]): Timeline[] =>
      rows.map((one) => this.#condition(where, one, person));
    switch (name) {
      case '!':
        return not(this.#condition(args[0], row, person));
      case 'and':
        return combine(
          args.map((arg) => this.#condition(arg, row, person)),
          (values) => values.every(Boolean),
        );
      case 'or':
        return combine(
          args.map((arg) => this.#condition(arg, row, person)),
          (values) => values.some(Boolean),
        );
      case 'some':
        return combine(each(args[1], rowsOf(args[0], person)), (values) => values.some(Boolean));
      case 'none':
        return combine(each(args[1], rowsOf(args[0], person)), (values) => !values.some(Boolean));
      case 'all':
        return combine(each(args[1], rowsOf(args[0], person)), (values) => values.length > 0 && values.every(Boolean));
      case 'in_last':
      case 'before_last':
      case 'in_next': {
        const months = Number(args[1]) * (MONTHS[String(args[2])] ?? NaN);
        if (months > 0) return this.#calendarWindow(name, row[nameOf(args[0])] ?? null, months);
        const seconds = Number(args[1]) * (SECONDS[String(args[2])] ?? NaN);
        return isVar(args[0])
          ? this.#window(name, row[nameOf(args[0])] ?? null, seconds)
          : this.#picked(name, args[0], seconds, person);
      }
      case 'is_past':
      case 'is_future':
        return this.#tense(name, row[nameOf(args[0])] ?? null);
      case 'in_period':
        return this.#leaf(this.#period(row[nameOf(args[0])] ?? null, String(args[1]) as Unit, Number(args[2])));
      case 'anniversary_in_next':
        return this.#leaf(this.#anniversary(row[nameOf(args[0])] ?? null, Number(args[1]), 0));
      case 'anniversary_in_last':
        return this.#leaf(this.#anniversary(row[nameOf(args[0])] ?? null, 0, Number(args[1])));
      case 'anniversary_in_period':
        return this.#leaf(
          this.#anniversaryPeriod(row[nameOf(args[0])] ?? null, String(args[1]) as Unit, Number(args[2])),
        );
      default:
        return this.#compared(name, args, row, person);
    }
  }

  #leaf(timeline: Timeline): Timeline {
    this.#onLeaf(timeline);
    return timeline;
  }

  /** Comparisons with a number: of an age, of how many rows match, of the sum over those that do. */
  #compared(operator: string, [left, right]: readonly unknown[], row: Row, person: Person): Timeline {
    const [name, [of]] = split(left);
    if (name === 'age') return this.#leaf(this.#age(operator, row[nameOf(of)] ?? null, Number(right)));
    const mapped = name === 'sum' ? split(of)[1] : undefined;
    const [, [relation, where]] = split(mapped ? mapped[0] : of);
    const rows = rowsOf(relation, person);
    const weights = rows.map((one) => (mapped ? Number(one[nameOf(mapped[1])] ?? 0) : 1));
    const matching = rows.map((one) => this.#condition(where, one, person));
    return combine(matching, (values) =>
      holds(
        operator,
        values.reduce((sum, value, n) => sum + (value ? (weights[n] ?? NaN) : 0), 0),
        Number(right),
      ),
    );
  }

  #window(operator: string, value: number | string | null, seconds: number): Timeline {
    if (value === null) return never;
    const at = typeof value === 'number' ? value : this.#days.begin(dayOf(value));
    const length = seconds * SECOND;
    switch (operator) {
      case 'in_last':
        return this.#leaf(between(at, at + length));
      case 'before_last':
        return this.#leaf(since(at + length));
      case 'in_next':
        return this.#leaf(between(at - length, at));
      default:
        throw new Error(`no window ${operator}`);
    }
  }

  #calendarWindow(operator: string, value: number | string | null, months: number): Timeline {
    if (value === null) return never;
    const day = typeof value === 'string' ? dayOf(value) : Number.isFinite(value) ? this.#days.of(value) : value;
    if (!Number.isFinite(day)) return this.#leaf(operator === 'before_last' && day < 0 ? always : never);
    const at = typeof value === 'number' ? value : this.#days.begin(day);
    const turn = (by: number): number => this.#days.begin(firstDayThatReaches(day, by));
    switch (operator) {
      case 'in_last':
        return this.#leaf(between(at, turn(-months)));
      case 'before_last':
        return this.#leaf(since(turn(-months)));
      case 'in_next':
        return this.#leaf(between(turn(months), at));
      default:
        throw new Error(`no window ${operator}`);
    }
  }

  #tense(operator: 'is_past' | 'is_future', value: number | string | null): Timeline {
    if (value === null) return never;
    const past = since(typeof value === 'number' ? value : this.#days.begin(dayOf(value)));
    return this.#leaf(operator === 'is_past' ? past : not(past));
  }

  /** Of the first or last of the rows that match at the time. */
  #picked(operator: string, operand: unknown, seconds: number, person: Person): Timeline {
    const [end, [relation, field, where]] = split(operand);
    const rows = rowsOf(relation, person)
      .filter((row) => typeof row[String(field)] === 'number')
      .toSorted((a, b) => Number(a[String(field)]) - Number(b[String(field)]));
    if (end === 'last') rows.reverse();
    const matching = rows.map((row) => this.#condition(where, row, person));
    const windows = rows.map((row) => this.#window(operator, row[String(field)] ?? null, seconds));
    return combine([...matching, ...windows], (values) => {
      const picked = values.slice(0, rows.length).indexOf(true);
      return picked >= 0 && values[rows.length + picked] === true;
    });
  }

  #period(value: number | string | null, unit: Unit, offset: number): Timeline {
    if (value === null || value === Infinity || value === -Infinity) return never;
    const day = typeof value === 'number' ? this.#days.of(value) : dayOf(value);
    if (!Number.isFinite(day)) return never;
    // The value's period is the offset-th from the current one: the current one is so many before the value's.
    return between(
      this.#days.begin(periodBegin(unit, day, -offset)),
      this.#days.begin(periodBegin(unit, day, 1 - offset)),
    );
  }

  /** Any day of the days today - last … today + next. */
  #anniversary(value: number | string | null, next: number, last: number): Timeline {
    const parts = anniversaries(value).map((day) =>
      between(this.#days.begin(day - next), this.#days.begin(day + last + 1)),
    );
    return combine(parts, (values) => values.some(Boolean));
  }

  #anniversaryPeriod(value: number | string | null, unit: Unit, offset: number): Timeline {
    const parts = anniversaries(value).map((day) =>
      between(this.#days.begin(periodBegin(unit, day, -offset)), this.#days.begin(periodBegin(unit, day, 1 - offset))),
    );
    return combine(parts, (values) => values.some(Boolean));
  }

  #age(operator: string, value: number | string | null, years: number): Timeline {
    if (value === null) return never;
    const reached = (age: number): Timeline => {
      const born = /^(\d{4})-(\d\d-\d\d)$/.exec(String(value));
      if (!born) return dayOf(String(value)) < 0 ? always : never;
      return since(this.#days.begin(anniversaryIn(Number(born[1]) + age, born[2] ?? '')));
    };
    switch (operator) {
      case '>=':
        return reached(years);
      case '>':
        return reached(years + 1);
      case '<':
        return not(reached(years));
      case '<=':
        return not(reached(years + 1));
      case '==':
        return combine([reached(years), reached(years + 1)], ([from, over]) => from === true && over === false);
      default:
        throw new Error(`no comparison ${operator}`);
    }
  }
}

/** The anniversaries of a day, as far as the days are known. */
function anniversaries(value: number | string | null): readonly number[] {
  const monthAndDay = /-(\d\d-\d\d)$/.exec(String(value))?.[1];
  if (monthAndDay === undefined) return [];
  return [2022, 2023, 2024, 2025, 2026, 2027].map((year) => anniversaryIn(year, monthAndDay));
}

function split(rule: unknown): readonly [string, readonly unknown[]] {
  const entries = Object.entries(rule as Json);
  const [entry] = entries;
  if (!entry || entries.length !== 1) throw new Error(`not an operator: ${JSON.stringify(rule)}`);
  return [entry[0], Array.isArray(entry[1]) ? (entry[1] as unknown[]) : [entry[1]]];
}

function isVar(operand: unknown): boolean {
  return split(operand)[0] === 'var';
}

function nameOf(operand: unknown): string {
  const [name, [field]] = split(operand);
  if (name !== 'var') throw new Error(`not a field: ${JSON.stringify(operand)}`);
  return String(field);
}

function rowsOf(relation: unknown, person: Person): readonly Row[] {
  const name = nameOf(relation);
  if (name === 'orders') return person.orders;
  if (name === 'items') return person.items;
  throw new Error(`no relation ${name}`);
}

function holds(operator: string, value: number, bound: number): boolean {
  if (operator === '>=') return value >= bound;
  if (operator === '>') return value > bound;
  throw new Error(`no comparison ${operator}`);
}
