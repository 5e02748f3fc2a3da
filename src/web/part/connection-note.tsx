/** Says when the server does not answer, and how old the numbers are then. */
import { useRef } from 'preact/hooks';
import { connection, freshness } from '../client/live.ts';
import { useStore } from '../client/page-store.ts';
import { exactMomentText } from '../client/time-text.ts';

export function ConnectionNote() {
  const state = useStore(connection);
  const fresh = useStore(freshness);
  // Noted while it is drawn: after it, the first drawing would name another moment.
  const change = useRef({ state, at: Date.now() });
  if (change.current.state !== state) change.current = { state, at: Date.now() };
  const since = change.current.at;
  if (state === 'lost')
    return (
      <div class="note warn connection" role="status">
        The server does not answer since{' '}
        <time title={exactMomentText(since)}>{new Date(since).toLocaleTimeString('en', { timeStyle: 'short' })}</time>.
        What this page shows may be older. It comes back by itself.
      </div>
    );
  if (fresh && !fresh.reachable)
    return (
      <div class="note warn connection" role="status">
        The database does not answer. What this page shows may be older. It comes back by itself.
      </div>
    );
  return null;
}
