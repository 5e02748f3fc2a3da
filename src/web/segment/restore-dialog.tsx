/** Makes an old version a new one, after it said who enters and who leaves. */
import { useState } from 'preact/hooks';
import { ApiFailure, answered } from '../client/api-failure.ts';
import { useAction } from '../client/use-action.ts';
import {
  postSegmentsByKeyEditPreviews,
  postSegmentsByKeyVersionsAndVersionRestorations,
  type SegmentOutline,
  type Version,
} from '../client/api.ts';
import { numberText } from '../client/number-text.ts';
import { useQuery } from '../client/query.ts';
import { FailureNote } from '../part/failure-note.tsx';
import { Modal } from '../part/modal.tsx';
import { Skeleton } from '../part/skeleton.tsx';
import { ChangeList } from './change-list.tsx';
import { entityTag, readAgain } from './entity.ts';
import { GuardField } from './guard-field.tsx';

interface Props {
  readonly segment: SegmentOutline;
  readonly version: Version;
  readonly onClose: () => void;
}

export function RestoreDialog({ segment, version, onClose }: Props) {
  const { key } = segment;
  // The version that the person looks at: an edit that comes meanwhile is not overwritten unseen.
  const [read, setRead] = useState(segment.version);
  const [typed, setTyped] = useState('');
  const effect = useQuery({
    queryKey: ['segment', key, 'edit-preview', version.version],
    queryFn: ({ signal }) =>
      answered(
        postSegmentsByKeyEditPreviews(
          key,
          {
            condition: version.condition as unknown,
            kind: version.kind,
            ...(version.timezone === null ? {} : { timezone: version.timezone }),
            sample: 0,
          },
          { signal },
        ),
      ),
    staleTime: 0,
    meta: { live: 'own' },
    enabled: version.kind === 'dynamic' && segment.kind === 'dynamic',
  });
  const restore = useAction(async (confirm: boolean) => {
    await answered(
      postSegmentsByKeyVersionsAndVersionRestorations(key, version.version, confirm ? { confirm } : {}, {
        ifMatch: entityTag(read),
      }),
    );
    await readAgain(key);
    onClose();
  });
  const overtaken = restore.error instanceof ApiFailure && restore.error.status === 412;
  const guarded = effect.data?.guard?.exceeds === true;
  const agreed = !guarded || typed.replaceAll(/\D/g, '') === String(effect.data?.leaving);
  return (
    <Modal title={`Restore version ${version.version}?`} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (agreed) void restore.run(guarded);
        }}
      >
        <p>It becomes version {numberText(segment.version + 1)}. The versions in between stay in the list.</p>
        {effect.isLoading && <Skeleton rows={2} height={28} />}
        {effect.error && <FailureNote error={effect.error} again={() => void effect.refetch()} />}
        {effect.data && (
          <>
            <p class="moves number" aria-live="polite">
              <span class="in">
                {effect.data.basis === 'exact' ? '' : '≈ '}+{numberText(effect.data.entering)} enter
              </span>
              <span class="out">−{numberText(effect.data.leaving)} leave</span>
            </p>
            <ChangeList changes={effect.data.changes} />
          </>
        )}
        {guarded && effect.data && <GuardField leaving={effect.data.leaving} typed={typed} onType={setTyped} />}
        {restore.error && <FailureNote error={restore.error} />}
        {overtaken && segment.version !== read && (
          <p>
            <button
              type="button"
              onClick={() => {
                setRead(segment.version);
                restore.clear();
                void effect.refetch();
              }}
            >
              Restore it over version {segment.version} all the same
            </button>
          </p>
        )}
        <div class="buttons">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button class="primary" disabled={restore.busy || effect.isLoading || !agreed}>
            Restore
          </button>
        </div>
      </form>
    </Modal>
  );
}
