/** Scheduled exports whose last run failed, or that cannot run. */
import { answered } from '../client/api-failure.ts';
import { getSchedules, type Schedule } from '../client/api.ts';
import { errorSentence } from '../client/error-sentence.ts';
import { useQuery } from '../client/query.ts';
import { Moment } from './moment.tsx';

export function FailingSchedules() {
  const { data } = useQuery({
    queryKey: ['schedules'],
    queryFn: ({ signal }) => answered(getSchedules({}, { signal })),
  });
  const failing = data?.schedules.filter(isFailing) ?? [];
  if (!data || data.schedules.length === 0) return null;
  return (
    <section aria-labelledby="schedules-title" class="panel">
      <h2 id="schedules-title">Scheduled exports</h2>
      {failing.length === 0 ? (
        <p class="quiet">
          {data.schedules.length === 1
            ? 'One runs, and its last run did not fail.'
            : `All ${data.schedules.length} run.`}
        </p>
      ) : (
        <ul class="plain-list">
          {failing.map((schedule) => (
            <li key={schedule.id}>
              <span class="chip state bad">failed</span>{' '}
              <a href={`/segments/${encodeURIComponent(schedule.key)}`} dir="auto">
                {schedule.key}
              </a>{' '}
              <span class="quiet">
                {schedule.format}, {schedule.cron}
              </span>
              <p>{errorSentence(schedule.error ?? schedule.last_run?.error)}</p>
              {schedule.last_run?.finished_at && (
                <small>
                  Last run <Moment at={schedule.last_run.finished_at} />
                </small>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function isFailing({ error, last_run: run }: Schedule): boolean {
  return (error !== null && error !== undefined) || run?.state === 'failed';
}
