/** How far behind the data the members are. */
import { freshness } from '../client/live.ts';
import { useStore } from '../client/page-store.ts';
import { spanText } from '../client/time-text.ts';

/** Milliseconds from which a lag is worth a colour. */
const LATE = 60_000;

export function FreshnessChip() {
  const fresh = useStore(freshness);
  if (!fresh) return null;
  if (fresh.lag === null) return <span class="chip warn">No worker keeps the members up to date</span>;
  return (
    <span class={`chip ${fresh.lag > LATE ? 'warn' : 'quiet'} number`}>
      {fresh.lag > LATE ? `Members are ${spanText(fresh.lag)} behind` : `Members as of ${spanText(fresh.lag)} ago`}
    </span>
  );
}
