/** Exports that run again and again: when, into which folder, and how the last one ended. */
import { answered } from '../client/api-failure.ts';
import { useAction } from '../client/use-action.ts';
import {
  deleteSchedulesById,
  getSchedules,
  patchSchedulesById,
  postSchedulesByIdRuns,
  type Schedule,
} from '../client/api.ts';
import { countText } from '../client/number-text.ts';
import { useQuery } from '../client/query.ts';
import { FailureNote } from '../part/failure-note.tsx';
import { Instant } from '../part/instant.tsx';
import { Skeleton } from '../part/skeleton.tsx';
import { cronText } from './cron-text.ts';
import { readAgain } from './entity.ts';

interface Props {
  readonly segmentKey: string;
  readonly editable: boolean;
}

export function ScheduleList({ segmentKey: key, editable }: Props) {
  const found = useQuery({
    queryKey: ['segment', key, 'schedules'],
    queryFn: ({ signal }) => answered(getSchedules({ segment: key }, { signal })),
  });
  const run = useAction(async (id: number) => {
    await answered(postSchedulesByIdRuns(id));
    await readAgain(key);
  });
  const remove = useAction(async (id: number) => {
    await answered(deleteSchedulesById(id));
    await readAgain(key);
  });
  const pause = useAction(async (id: number, paused: boolean) => {
    await answered(patchSchedulesById(id, { paused }));
    await readAgain(key);
  });
  const error = run.error ?? pause.error ?? remove.error;
  if (found.error && !found.data) return <FailureNote error={found.error} again={() => void found.refetch()} />;
  if (!found.data) return <Skeleton rows={2} height={36} />;
  if (found.data.schedules.length === 0) return <p class="quiet">No schedule exports this segment.</p>;
  return (
    <>
      {error && <FailureNote error={error} />}
      <ul class="schedules">
        {found.data.schedules.map((schedule) => (
          <li key={schedule.id}>
            <div>
              <b>{cronText(schedule.cron)}</b> <span class="quiet">{schedule.timezone}</span>
              <div class="quiet" dir="auto">
                {schedule.format.toUpperCase()}
                {schedule.gzip && ', compressed'}
                {schedule.delta !== null && `, changes “${schedule.delta}”`}
                {schedule.columns !== null && `, ${countText(schedule.columns.length, 'column')}`} → {schedule.folder}
              </div>
              <LastRun schedule={schedule} />
            </div>
            {editable && (
              <div class="buttons start">
                <button type="button" class="small" disabled={run.busy} onClick={() => void run.run(schedule.id)}>
                  Run now<span class="hidden-text">: schedule {schedule.id}</span>
                </button>
                <button
                  type="button"
                  class="small"
                  disabled={pause.busy}
                  onClick={() => void pause.run(schedule.id, !schedule.paused)}
                >
                  {schedule.paused ? 'Resume' : 'Pause'}
                  <span class="hidden-text"> schedule {schedule.id}</span>
                </button>
                <button
                  type="button"
                  class="small danger"
                  disabled={remove.busy}
                  onClick={() => void remove.run(schedule.id)}
                >
                  Remove<span class="hidden-text"> schedule {schedule.id}; its files stay</span>
                </button>
              </div>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

function LastRun({ schedule: { next_at: next, last_run: last, error, paused } }: { readonly schedule: Schedule }) {
  return (
    <div>
      {messageOf(error) !== undefined && <span class="chip bad">{messageOf(error)}</span>}
      {paused && <span class="chip quiet">paused</span>}
      {next !== null && !paused && (
        <span class="quiet">
          next <Instant at={next} />
        </span>
      )}
      {last !== null && (
        <>
          {' · '}
          <span class={`chip ${LOOKS[last.state]}`}>{last.state}</span>{' '}
          <span class="quiet">
            <Instant at={last.finished_at ?? last.requested_at} />
            {last.count !== null && `, ${countText(last.count, 'row')}`}
          </span>{' '}
          {messageOf(last.error) !== undefined && <span dir="auto">{messageOf(last.error)}</span>}
        </>
      )}
    </div>
  );
}

const LOOKS = { waiting: 'quiet', running: 'quiet', done: 'good', failed: 'bad' } as const;

/** Errors are stored as a sentence, or as an object with one. */
function messageOf(error: unknown): string | undefined {
  if (typeof error === 'string') return error;
  if (typeof error !== 'object' || error === null) return undefined;
  const message: unknown = Reflect.get(error, 'message');
  return typeof message === 'string' ? message : undefined;
}
