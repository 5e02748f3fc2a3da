/** The condition as the SQL that Postgres runs, for those who read it. The server compiles it: it knows the tables. */
import { useState } from 'preact/hooks';
import { answered } from '../client/api-failure.ts';
import { postChecks } from '../client/api.ts';
import { useQuery } from '../client/query.ts';
import { FailureNote } from '../part/failure-note.tsx';

export interface SqlViewProps {
  readonly condition: unknown;
  readonly valid: boolean;
  /** '': the catalogue's. */
  readonly timezone: string;
}

export function SqlView({ condition, valid, timezone }: SqlViewProps) {
  const [said, setSaid] = useState('');
  const checked = useQuery({
    queryKey: ['check', JSON.stringify([condition, timezone])],
    queryFn: ({ signal }) => answered(postChecks({ condition, ...(timezone === '' ? {} : { timezone }) }, { signal })),
    enabled: valid,
    staleTime: 60_000,
  });
  if (!valid) return <p class="quiet">The SQL comes when every row is complete.</p>;
  if (checked.error) return <FailureNote error={checked.error} again={() => void checked.refetch()} />;
  const sql = checked.data?.sql;
  if (!checked.data) return <p class="quiet">Loading…</p>;
  if (!sql) return <p class="quiet">The server refuses this condition.</p>;
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(sql.rebuild.sql);
      setSaid('Copied.');
    } catch {
      setSaid('The browser keeps the clipboard closed.');
    }
  };
  return (
    <div class="sql-view">
      <p>
        <button type="button" onClick={() => void copy()}>
          Copy
        </button>{' '}
        <span class="quiet" role="status">
          {said === '' ? 'It lists all members and runs in psql as it is.' : said}
        </span>
      </p>
      <pre class="sql" tabIndex={0} role="region" aria-label="SQL">
        {sql.rebuild.sql}
      </pre>
    </div>
  );
}
