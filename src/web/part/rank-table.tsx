/** The ranks of the config: as of when each was computed, what that moved, and why a computation failed. Absent without ranks. */
import { answered } from '../client/api-failure.ts';
import { getRanks, postRanksComputations, type Rank } from '../client/api.ts';
import { mayEdit, useMe } from '../client/me-context.ts';
import { numberText } from '../client/number-text.ts';
import { queries, useQuery } from '../client/query.ts';
import { spanText } from '../client/time-text.ts';
import { useAction } from '../client/use-action.ts';
import { FailureNote } from './failure-note.tsx';
import { Moment } from './moment.tsx';

/** Seconds by which a computation may be late without a word: another may be under way. */
const LATE = 60;

export function RankTable() {
  const me = useMe();
  const { data, error, refetch } = useQuery({
    queryKey: ['ranks'],
    queryFn: ({ signal }) => answered(getRanks({ signal })),
    // A computation changes no segment that the stream would hint at.
    refetchInterval: 5_000,
  });
  const compute = useAction(async () => {
    await answered(postRanksComputations({}));
    await queries.invalidateQueries({ queryKey: ['ranks'] });
  });
  if (!data) return error ? <FailureNote error={error} again={() => void refetch()} /> : null;
  if (data.ranks.length === 0) return null;
  return (
    <section aria-labelledby="ranks-title" class="panel">
      <div class="panel-head">
        <h2 id="ranks-title">Ranks</h2>
        {mayEdit(me) && (
          <button type="button" class="small" disabled={compute.busy} onClick={() => void compute.run()}>
            Compute now
          </button>
        )}
      </div>
      {compute.error && <FailureNote error={compute.error} />}
      <div class="wide-table">
        <table class="plain-table cards">
          <thead>
            <tr>
              <th scope="col">Rank</th>
              <th scope="col">Computed</th>
              <th scope="col">Contacts</th>
              <th scope="col">Moved then</th>
              <th scope="col">Took</th>
              <th scope="col">Next</th>
              <th scope="col">State</th>
            </tr>
          </thead>
          <tbody>
            {data.ranks.map((rank) => (
              <tr key={rank.name}>
                <td dir="auto">{rank.name}</td>
                <td>{rank.as_of === null ? 'not yet' : <Moment at={rank.as_of} />}</td>
                <td>{rank.ranked === null ? '–' : numberText(rank.ranked)}</td>
                <td>{rank.moved === null ? '–' : numberText(rank.moved)}</td>
                <td>{rank.ms === null ? '–' : spanText(rank.ms)}</td>
                <td>{rank.next_at === null || rank.late > 0 ? 'now' : <Moment at={rank.next_at} />}</td>
                <td>
                  <RankStateChip rank={rank} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {data.ranks.map(({ name, error: reason, as_of: asOf }) =>
        reason === null ? null : (
          <p key={name} class="note bad" dir="auto">
            {name} was not computed: {reason} {asOf === null ? 'No contact has it.' : 'The ranks before stay.'}
          </p>
        ),
      )}
    </section>
  );
}

function RankStateChip({ rank: { state, late } }: { readonly rank: Rank }) {
  if (state === 'failed') return <span class="chip state bad">failed</span>;
  if (late > LATE) return <span class="chip state warn">late by {spanText(late * 1_000)}</span>;
  return state === 'waiting' ? <span class="chip state">waits</span> : <span class="chip state good">computed</span>;
}
