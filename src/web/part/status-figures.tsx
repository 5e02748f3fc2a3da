/** How far members are behind the data, what waits, and what the rolling comparison found. */
import type { Status } from '../client/api.ts';
import { countText, numberText } from '../client/number-text.ts';
import { spanText } from '../client/time-text.ts';
import { Moment } from './moment.tsx';

/** Seconds from which a lag is worth a colour. */
const LATE = 60;

export function StatusFigures({ status: { backlog, audit } }: { readonly status: Status }) {
  return (
    <section aria-labelledby="figures-title" class="panel">
      <h2 id="figures-title">Now</h2>
      <dl class="figures">
        <Lag name="Changed rows are counted" lag={backlog.rows_lag} />
        <Lag name="Passing time is counted" lag={backlog.time_lag} />
        <Waiting name="Changes that wait" count={backlog.changes} />
        <Waiting name="Contacts to look at again" count={backlog.rechecks} />
        <Waiting name="Segments to count anew" count={backlog.rebuilds} />
        <div>
          <dt>Compared with the data</dt>
          <dd>
            {audit?.finished_at ? (
              <>
                {audit.total !== null && `${countText(audit.total, 'contact')}, `}
                <Moment at={audit.finished_at} />
              </>
            ) : audit ? (
              `${countText(audit.checked, 'contact')} so far`
            ) : (
              'not yet'
            )}
            <br />
            <small class={audit && audit.differences > 0 ? 'late' : 'quiet'}>
              {audit && audit.differences > 0
                ? `${countText(audit.differences, 'difference')} found and repaired`
                : 'no difference found'}
            </small>
          </dd>
        </div>
      </dl>
    </section>
  );
}

/** @param lag seconds */
function Lag({ name, lag }: { readonly name: string; readonly lag: number | null }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class={`large ${lag === null || lag > LATE ? 'late' : ''}`}>
        {lag === null ? 'not now' : `${spanText(lag * 1_000)} late`}
      </dd>
    </div>
  );
}

function Waiting({ name, count }: { readonly name: string; readonly count: number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd class="large">{numberText(count)}</dd>
    </div>
  );
}
