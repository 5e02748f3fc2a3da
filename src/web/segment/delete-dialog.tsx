/** Deletes a segment, after it said who uses it. */
import { useLocation } from 'preact-iso/router';
import { answered } from '../client/api-failure.ts';
import { useAction } from '../client/use-action.ts';
import { deleteSegmentsByKey, getSegmentsByKeyUses, type SegmentOutline } from '../client/api.ts';
import { countText } from '../client/number-text.ts';
import { queries, useQuery } from '../client/query.ts';
import { FailureNote } from '../part/failure-note.tsx';
import { Modal } from '../part/modal.tsx';
import { entityTag } from './entity.ts';
import { UseList } from './use-list.tsx';

interface Props {
  readonly segment: SegmentOutline;
  readonly onClose: () => void;
}

export function DeleteDialog({ segment: { key, name, members, version }, onClose }: Props) {
  const { route } = useLocation();
  const uses = useQuery({
    queryKey: ['segment', key, 'uses'],
    queryFn: ({ signal }) => answered(getSegmentsByKeyUses(key, { signal })),
  });
  const remove = useAction(async () => {
    await answered(deleteSegmentsByKey(key, { ifMatch: entityTag(version) }));
    await queries.invalidateQueries({ queryKey: ['segments'] });
    route('/segments');
  });
  const used = uses.data && uses.data.segments.length + uses.data.schedules.length > 0;
  return (
    <Modal title={`Delete ${name ?? key}?`} onClose={onClose}>
      <div class="stack">
        {uses.isPending && <p class="quiet">Looking who uses it…</p>}
        {uses.error && <FailureNote error={uses.error} again={() => void uses.refetch()} />}
        {used && uses.data && (
          <>
            <p>It cannot be deleted while it is in use:</p>
            <UseList uses={uses.data} />
          </>
        )}
        {uses.data && !used && (
          <p>Its {countText(members, 'member')} leave it. Its history stays, and it can be restored within 30 days.</p>
        )}
        {remove.error && <FailureNote error={remove.error} />}
        <div class="buttons">
          <button type="button" onClick={onClose}>
            Keep it
          </button>
          <button
            type="button"
            class="danger"
            disabled={!uses.data || used || remove.busy}
            onClick={() => void remove.run()}
          >
            Delete
          </button>
        </div>
      </div>
    </Modal>
  );
}
