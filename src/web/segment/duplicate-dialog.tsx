/** Copies a segment under a new key. */
import { useLocation } from 'preact-iso/router';
import { useId, useState } from 'preact/hooks';
import { answered } from '../client/api-failure.ts';
import { useAction } from '../client/use-action.ts';
import { postSegmentsByKeyDuplicates, type SegmentOutline } from '../client/api.ts';
import { queries } from '../client/query.ts';
import { FailureNote } from '../part/failure-note.tsx';
import { Modal } from '../part/modal.tsx';

interface Props {
  readonly segment: SegmentOutline;
  readonly onClose: () => void;
}

export function DuplicateDialog({ segment: { key, name }, onClose }: Props) {
  const { route } = useLocation();
  const [copyKey, setCopyKey] = useState(`${key}-copy`);
  const field = useId();
  const copy = useAction(async () => {
    const made = await answered(postSegmentsByKeyDuplicates(key, { key: copyKey }));
    await queries.invalidateQueries({ queryKey: ['segments'] });
    route(`/segments/${encodeURIComponent(made.key)}`);
  });
  return (
    <Modal title={`Duplicate ${name ?? key}`} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void copy.run();
        }}
      >
        <div class="field">
          <label for={field}>Key of the copy</label>
          <input
            id={field}
            value={copyKey}
            required
            maxLength={200}
            autocomplete="off"
            onInput={(event) => setCopyKey(event.currentTarget.value)}
          />
        </div>
        {copy.error && <FailureNote error={copy.error} />}
        <div class="buttons">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button class="primary" disabled={copy.busy || copyKey === ''}>
            Duplicate
          </button>
        </div>
      </form>
    </Modal>
  );
}
