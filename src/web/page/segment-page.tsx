/** `/segments/KEY`: one segment, what it says, who is in it and why, how it came to be so. */
import type { ComponentChildren } from 'preact';
import { useRoute } from 'preact-iso/router';
import { ApiFailure, answered } from '../client/api-failure.ts';
import { getSegmentsByKey, postSegmentsByKeyRestorations, type SegmentOutline } from '../client/api.ts';
import { useAction } from '../client/use-action.ts';
import { mayEdit, useMe } from '../client/me-context.ts';
import { useQuery } from '../client/query.ts';
import { useUrlQuery } from '../client/url-query.ts';
import { FailureNote } from '../part/failure-note.tsx';
import { PageHead } from '../part/page-head.tsx';
import { Skeleton } from '../part/skeleton.tsx';
import { CodeTab } from '../segment/code-tab.tsx';
import { EventTab } from '../segment/event-tab.tsx';
import { ExportTab } from '../segment/export-tab.tsx';
import { MemberTab } from '../segment/member-tab.tsx';
import { OverrideTab } from '../segment/override-tab.tsx';
import { readAgain } from '../segment/entity.ts';
import { SegmentHead, SegmentStanding } from '../segment/segment-head.tsx';
import { SegmentNotice } from '../segment/segment-notice.tsx';
import { SegmentTabs, tabOf, type TabName } from '../segment/segment-tabs.tsx';
import { UseTab } from '../segment/use-tab.tsx';
import { VersionTab } from '../segment/version-tab.tsx';
import '../segment/segment.css';

export function SegmentPage() {
  const key = useRoute().params['segment'] ?? '';
  // Another segment is another page: nothing of the one before is kept.
  return <OneSegment key={key} segmentKey={key} />;
}

function OneSegment({ segmentKey }: { readonly segmentKey: string }) {
  const tab = tabOf(useUrlQuery().get('tab'));
  const found = useQuery({
    queryKey: ['segment', segmentKey],
    queryFn: ({ signal }) => answered(getSegmentsByKey(segmentKey, { signal })),
  });
  const segment = found.data;
  return (
    <div class="segment-page">
      <PageHead title={segment?.name ?? segmentKey} from={SEGMENTS}>
        {segment && <SegmentStanding segment={segment} />}
      </PageHead>
      {found.error && <NoSegment segmentKey={segmentKey} error={found.error} again={() => void found.refetch()} />}
      {!segment && !found.error && <Skeleton rows={8} height={36} />}
      {segment && (
        <>
          <SegmentHead segment={segment} />
          <SegmentNotice segment={segment} />
          <SegmentTabs segment={segment} tab={tab} />
          <div class="tab">
            <Shown tab={tab} segment={segment} />
          </div>
        </>
      )}
    </div>
  );
}

function Shown({ tab, segment }: { readonly tab: TabName; readonly segment: SegmentOutline }) {
  const Tab = TABS[tab];
  return <Tab segment={segment} />;
}

const SEGMENTS = { path: '/segments', name: 'Segments' } as const;

const TABS = {
  members: MemberTab,
  events: EventTab,
  versions: VersionTab,
  uses: UseTab,
  exports: ExportTab,
  overrides: OverrideTab,
  code: CodeTab,
} as const satisfies Record<TabName, (props: { readonly segment: SegmentOutline }) => ComponentChildren>;

/** A segment that was deleted is not there any more, and can be brought back. */
function NoSegment({
  segmentKey: key,
  error,
  again,
}: {
  readonly segmentKey: string;
  readonly error: Error;
  readonly again: () => void;
}) {
  const editable = mayEdit(useMe());
  const restore = useAction(async () => {
    await answered(postSegmentsByKeyRestorations(key));
    await readAgain(key);
  });
  if (!(error instanceof ApiFailure) || error.status !== 404) return <FailureNote error={error} again={again} />;
  return (
    <div class="stack">
      <p>
        There is no segment with this key. <a href="/segments">All segments</a>
      </p>
      {editable && (
        <p>
          If it was deleted in the last 30 days, it can come back:{' '}
          <button type="button" class="small" disabled={restore.busy} onClick={() => void restore.run()}>
            Restore
          </button>
        </p>
      )}
      {restore.error && <FailureNote error={restore.error} />}
    </div>
  );
}
