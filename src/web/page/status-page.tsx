/** `/status`: whether members are up to date, what waits, who works, how old ranks are, what needs a person, and what is wrong with the installation. Live. */
import { answered } from '../client/api-failure.ts';
import { getStatus } from '../client/api.ts';
import { mayAdmin, useMe } from '../client/me-context.ts';
import { useQuery } from '../client/query.ts';
import { FailureNote } from '../part/failure-note.tsx';
import { FailingSchedules } from '../part/failing-schedules.tsx';
import { FindingList } from '../part/finding-list.tsx';
import { FreshnessChip } from '../part/freshness-chip.tsx';
import { MovingSegments } from '../part/moving-segments.tsx';
import { NeedyList } from '../part/needy-list.tsx';
import { PageHead } from '../part/page-head.tsx';
import { RankTable } from '../part/rank-table.tsx';
import { Skeleton } from '../part/skeleton.tsx';
import { StatusFigures } from '../part/status-figures.tsx';
import { WorkerTable } from '../part/worker-table.tsx';
import '../part/panel.css';

export function StatusPage() {
  const me = useMe();
  const status = useQuery({
    queryKey: ['status'],
    queryFn: ({ signal }) => answered(getStatus({ segments: 'moving' }, { signal })),
    // Workers say that they live without a change that the stream would hint at.
    refetchInterval: 5_000,
  });
  const { data } = status;
  return (
    <>
      <PageHead title="Status">
        <FreshnessChip />
      </PageHead>
      {status.error && !data && <FailureNote error={status.error} again={() => void status.refetch()} />}
      {status.isPending && <Skeleton rows={6} height={48} />}
      {data && (
        <div class="panels">
          <StatusFigures status={data} />
          <NeedyList />
          <MovingSegments segments={data.segments} />
          <WorkerTable workers={data.workers} />
          <RankTable />
          <FailingSchedules />
          {mayAdmin(me) ? (
            <FindingList />
          ) : (
            <p class="quiet">
              An admin also sees here what is wrong with the installation, and the command that fixes it.
            </p>
          )}
        </div>
      )}
    </>
  );
}
