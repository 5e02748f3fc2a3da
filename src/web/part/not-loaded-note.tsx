/** Stands where code of the page could not be loaded: whether the server is away or has a newer version, and what to do. */
import { useQuery } from '../client/query.ts';
import { hasNewerPage } from '../client/page-version.ts';

const WORDS = {
  newer:
    'The server has a newer version of this page. Load the page again to go on with it. A draft of a condition stays in the address.',
  same: 'A part of this page could not be loaded. Load the page again.',
  away: 'The server does not answer. Load the page again when it does.',
} as const;

export function NotLoadedNote() {
  const newer = useQuery({ queryKey: ['page', 'newer'], queryFn: hasNewerPage, staleTime: 0, retry: false });
  if (newer.isLoading) return <p class="quiet">Loading…</p>;
  return (
    <div class="note bad" role="alert">
      <p>{newer.error ? WORDS.away : newer.data ? WORDS.newer : WORDS.same}</p>
      <p>
        <button type="button" onClick={() => location.reload()}>
          Load again
        </button>
      </p>
    </div>
  );
}
