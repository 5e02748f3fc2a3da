/** The instant of an event, as people read it in their own zone. Pure. */
const CLOCK = new Intl.DateTimeFormat('en', { timeStyle: 'medium', hourCycle: 'h23' });
const MINUTE = new Intl.DateTimeFormat('en', { timeStyle: 'short', hourCycle: 'h23' });
const DAY = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' });
const DAY_OF_YEAR = new Intl.DateTimeFormat('en', { dateStyle: 'medium' });

/** `today, 13:41:07`, `Nov 29, 13:37`, `Nov 29, 2025, 13:37` */
export function instantText(at: Date, now: Date): string {
  if (at.toDateString() === now.toDateString()) return `today, ${CLOCK.format(at)}`;
  const day = at.getFullYear() === now.getFullYear() ? DAY : DAY_OF_YEAR;
  return `${day.format(at)}, ${MINUTE.format(at)}`;
}
