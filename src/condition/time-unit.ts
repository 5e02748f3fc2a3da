/**
 * Rolling windows and calendar periods: their units, and where each window ends. Pure data. Windows of minutes to weeks
 * have a fixed length; windows of months, quarters and years end on today moved by months.
 */
import type {
  AnniversaryDirection,
  AnniversaryUnit,
  MonthUnit,
  PastOperator,
  Unit,
  WindowOperator,
  WindowUnit,
} from './ast.ts';

export interface WindowShape {
  /**
   * The instants at which the answer for a value turns, in lengths of the window from now: 0 is now, -1 is one window ago.
   * Each makes an edge of time.
   */
  readonly ends: readonly (-1 | 0 | 1)[];
}

export const windows = {
  in_last: { ends: [0, -1] },
  before_last: { ends: [-1] },
  in_next: { ends: [0, 1] },
} as const satisfies Readonly<Record<WindowOperator, WindowShape>>;

export interface PastShape {
  /** The rows that have a time: those of the members, or the events of one kind. */
  readonly of: 'members' | 'entered' | 'left';
  /** Where the time of one of these rows lies. */
  readonly window: WindowOperator;
}

/** What each question about the past of a membership asks. A member's row is from when the contact entered last. */
export const pasts = {
  member_for: { of: 'members', window: 'before_last' },
  entered_in_last: { of: 'entered', window: 'in_last' },
  left_in_last: { of: 'left', window: 'in_last' },
} as const satisfies Readonly<Record<PastOperator, PastShape>>;

/** Seconds of a unit: a day is 24 hours. */
export const windowSeconds = {
  minute: 60,
  hour: 3_600,
  day: 86_400,
  week: 604_800,
} as const satisfies Readonly<Record<WindowUnit, number>>;

/** Months of a unit: today is moved by so many. */
export const windowMonths = { month: 1, quarter: 3, year: 12 } as const satisfies Readonly<Record<MonthUnit, number>>;

export interface PeriodShape {
  /** One period as days or months. Weeks are ISO weeks and always seven days. */
  readonly count: number;
  readonly of: 'days' | 'months';
  /** About how many days it has, for the limit on how far a period may lie. */
  readonly aboutDays: number;
}

export const periods = {
  day: { count: 1, of: 'days', aboutDays: 1 },
  week: { count: 7, of: 'days', aboutDays: 7 },
  month: { count: 1, of: 'months', aboutDays: 30 },
  quarter: { count: 3, of: 'months', aboutDays: 91 },
  year: { count: 12, of: 'months', aboutDays: 365 },
} as const satisfies Readonly<Record<Unit, PeriodShape>>;

/** Units of every window: those of a fixed length first. */
export const windowUnits: readonly (WindowUnit | MonthUnit)[] = [
  ...(Object.keys(windowSeconds) as WindowUnit[]),
  ...(Object.keys(windowMonths) as MonthUnit[]),
];
/** Units of the fixed length alone. */
export const fixedUnits = Object.keys(windowSeconds) as readonly WindowUnit[];
export const periodUnits = Object.keys(periods) as readonly Unit[];

export const anniversaryUnits: readonly AnniversaryUnit[] = ['week', 'month'];

export interface DaySpan {
  /** Days from today. */
  readonly from: number;
  readonly to: number;
}

/** The days among which an anniversary falls, both included. */
export const anniversaryDays: Readonly<Record<AnniversaryDirection, (days: number) => DaySpan>> = {
  next: (days) => ({ from: 0, to: days }),
  last: (days) => ({ from: -days, to: 0 }),
};

/** Days that hold every day of a year: an anniversary always falls in a window of so many days. */
export const WHOLE_YEAR = 365;
