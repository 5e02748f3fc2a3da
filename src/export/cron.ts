/**
 * When a cron expression fires next: five fields, or `@daily` and the like, in a zone. Around a change of clocks a
 * fixed time that does not exist fires when the clock has jumped over it, and one that comes twice fires the first
 * time.
 */
import { masked, shortened } from '../base/mask.ts';
import { Cron } from 'croner';
import { Failure } from '../base/error.ts';
import { isZone } from '../condition/zone.ts';

/**
 * The first time after `after`, ISO 8601; null when there is none any more.
 * @throws {Failure} `usage` for an expression or zone that is none
 */
export function nextTime(cron: string, timezone: string, after: Date): string | null {
  if (!isZone(timezone))
    throw new Failure('usage', `${quoted(timezone)} is not a time zone; use a name such as Europe/Madrid.`);
  if (!/^(?:@[a-z]+|\S+(?: +\S+){4})$/i.test(cron.trim()))
    throw new Failure(
      'usage',
      `${quoted(cron)} is not a cron expression: it has five fields, minute, hour, day of the month, month, weekday.`,
    );
  try {
    return new Cron(cron.trim(), { timezone, mode: '5-part' }).nextRun(after)?.toISOString() ?? null;
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^Cron\w+: /, '').replace(/\.$/, '') : 'unreadable';
    throw new Failure('usage', `${quoted(cron)} is not a cron expression: ${why}.`);
  }
}

/** A row written by plain SQL may hold a long text. */
function quoted(text: string): string {
  return JSON.stringify(shortened(masked(text)));
}
