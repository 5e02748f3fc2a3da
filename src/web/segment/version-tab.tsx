/** Every version of the segment: who made it, what it changed in words, and the way back to it. */
import { useState } from 'preact/hooks';
import { answered } from '../client/api-failure.ts';
import { getSegmentsByKeyVersions, type SegmentOutline, type Version } from '../client/api.ts';
import { mayEdit, useMe } from '../client/me-context.ts';
import { useQuery } from '../client/query.ts';
import { FailureNote } from '../part/failure-note.tsx';
import { Instant } from '../part/instant.tsx';
import { Skeleton } from '../part/skeleton.tsx';
import { ChangeList } from './change-list.tsx';
import { RestoreDialog } from './restore-dialog.tsx';

export function useVersions(key: string) {
  return useQuery({
    queryKey: ['segment', key, 'versions'],
    queryFn: ({ signal }) => answered(getSegmentsByKeyVersions(key, { signal })),
  });
}

export function VersionTab({ segment }: { readonly segment: SegmentOutline }) {
  const editable = mayEdit(useMe()) && segment.wanted_state !== 'deleted';
  const [asked, setAsked] = useState<Version | undefined>();
  const found = useVersions(segment.key);
  if (found.error && !found.data) return <FailureNote error={found.error} again={() => void found.refetch()} />;
  if (!found.data) return <Skeleton rows={4} height={56} />;
  return (
    <>
      <ol class="versions" reversed>
        {found.data.versions.map((version) => (
          <li key={version.version}>
            <div class="version-head">
              <h2>Version {version.version}</h2>
              <StateOf version={version} />
              <span class="quiet">
                <Instant at={version.created_at} /> by <span dir="auto">{version.created_by}</span>
                {version.applied && ', from a file'}
              </span>
              <span class="grow" />
              {editable && !version.wanted && version.state !== 'invalid' && (
                <button type="button" class="small" onClick={() => setAsked(version)}>
                  Restore<span class="hidden-text"> version {version.version}</span>…
                </button>
              )}
            </div>
            <ChangeList changes={version.changes} />
          </li>
        ))}
      </ol>
      {asked && <RestoreDialog segment={segment} version={asked} onClose={() => setAsked(undefined)} />}
    </>
  );
}

function StateOf({ version: { live, wanted, state } }: { readonly version: Version }) {
  if (live) return <span class="chip good">live</span>;
  if (state === 'held') return <span class="chip warn">waits for a confirmation</span>;
  if (state === 'invalid') return <span class="chip bad">invalid</span>;
  return wanted ? <span class="chip warn">being computed</span> : null;
}
