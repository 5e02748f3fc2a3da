/** The instant of an event: day and time, with the exact instant as its title. */
import { exactMomentText } from '../client/time-text.ts';
import { instantText } from './instant-text.ts';

/** @param at ISO 8601 */
export function Instant({ at }: { readonly at: string }) {
  const instant = new Date(at);
  return (
    <time dateTime={at} title={exactMomentText(instant.getTime())} class="number">
      {instantText(instant, new Date())}
    </time>
  );
}
