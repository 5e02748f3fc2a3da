/** How often a schedule runs: as a person chooses it, as cron writes it, and in words. Pure. */

export interface Rhythm {
  readonly every: 'hour' | 'day' | 'week' | 'month' | 'other';
  /** `HH:MM`; of an hour only the minutes count. */
  readonly time: string;
  /** 0 is Sunday. */
  readonly weekday: number;
  readonly monthday: number;
  /** Of `other`, as cron writes it. */
  readonly cron: string;
  readonly timezone: string;
}

export const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

export const FIRST_RHYTHM: Rhythm = {
  every: 'day',
  time: '06:00',
  weekday: 1,
  monthday: 1,
  cron: '0 6 * * *',
  timezone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
};

export function cronOf(rhythm: Rhythm): { readonly cron: string; readonly timezone: string } {
  const [hour = 0, minute = 0] = rhythm.time.split(':').map(Number);
  const crons = {
    hour: `${minute} * * * *`,
    day: `${minute} ${hour} * * *`,
    week: `${minute} ${hour} * * ${rhythm.weekday}`,
    month: `${minute} ${hour} ${rhythm.monthday} * *`,
    other: rhythm.cron.trim(),
  } as const satisfies Record<Rhythm['every'], string>;
  return { cron: crons[rhythm.every], timezone: rhythm.timezone };
}

/** `every day at 06:00`; what has no words stays as cron writes it. */
export function cronText(cron: string): string {
  const [minute = '', hour = '', monthday = '', month = '', weekday = '', ...more] = cron.trim().split(/\s+/);
  const isNumber = (text: string): boolean => /^\d{1,2}$/.test(text);
  if (more.length > 0 || month !== '*' || !isNumber(minute)) return cron;
  const two = (text: string): string => text.padStart(2, '0');
  if (hour === '*' && monthday === '*' && weekday === '*') return `every hour at minute ${Number(minute)}`;
  if (!isNumber(hour)) return cron;
  const at = `at ${two(hour)}:${two(minute)}`;
  if (monthday === '*' && weekday === '*') return `every day ${at}`;
  const named = WEEKDAYS[Number(weekday) % 7];
  if (monthday === '*' && isNumber(weekday) && named !== undefined) return `every ${named} ${at}`;
  if (isNumber(monthday) && weekday === '*') return `on day ${Number(monthday)} of every month ${at}`;
  return cron;
}
