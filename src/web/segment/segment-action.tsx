/** What a person who may edit can do with a segment: the buttons of its head, and the menu of what is rarer. */
import { useLocation } from 'preact-iso/router';
import { useState } from 'preact/hooks';
import { answered } from '../client/api-failure.ts';
import { useAction } from '../client/use-action.ts';
import {
  postSegmentsByKeyRebuilds,
  postSegmentsByKeyRestorations,
  putSegmentsByKeyState,
  type SegmentOutline,
} from '../client/api.ts';
import { ActionMenu } from '../part/action-menu.tsx';
import { FailureNote } from '../part/failure-note.tsx';
import { Modal } from '../part/modal.tsx';
import { DeleteDialog } from './delete-dialog.tsx';
import { DuplicateDialog } from './duplicate-dialog.tsx';
import { ExportDialog } from './export-dialog.tsx';
import { readAgain } from './entity.ts';
import { OverrideDialog } from './override-dialog.tsx';
import { tabPath } from './segment-tabs.tsx';

type Open = 'export' | 'override' | 'delete' | 'duplicate';

export function SegmentAction({ segment }: { readonly segment: SegmentOutline }) {
  const { key, kind, state, wanted_state: wanted } = segment;
  const [open, setOpen] = useState<Open | undefined>();
  const { route } = useLocation();
  const close = (): void => setOpen(undefined);
  const turn = useAction(async (to: 'live' | 'paused' | 'archived') => {
    await answered(putSegmentsByKeyState(key, { state: to }));
    await readAgain(key);
  });
  const bringBack = useAction(async () => {
    await answered(postSegmentsByKeyRestorations(key));
    await readAgain(key);
  });
  const rebuild = useAction(async () => {
    await answered(postSegmentsByKeyRebuilds(key));
    await readAgain(key);
  });
  const failed = [turn, bringBack, rebuild].find((one) => one.error);
  if (wanted === 'deleted') {
    return (
      <button type="button" disabled={bringBack.busy} onClick={() => void bringBack.run()}>
        Restore
      </button>
    );
  }
  return (
    <>
      <button type="button" onClick={() => setOpen('export')}>
        Export…
      </button>
      {kind !== 'snapshot' && (
        <button type="button" onClick={() => setOpen('override')}>
          {kind === 'dynamic' ? 'Include or exclude…' : 'Add or remove…'}
        </button>
      )}
      <ActionMenu
        label="More"
        text="More"
        actions={() => [
          wanted === 'live'
            ? { name: 'Pause', act: () => void turn.run('paused'), disabled: turn.busy }
            : { name: 'Resume', act: () => void turn.run('live'), disabled: turn.busy },
          ...(state === 'archived'
            ? []
            : [{ name: 'Archive', act: () => void turn.run('archived'), disabled: turn.busy }]),
          ...(wanted === 'live' && kind === 'dynamic'
            ? [{ name: 'Compute anew', act: () => void rebuild.run(), disabled: rebuild.busy }]
            : []),
          { name: 'Duplicate…', act: () => setOpen('duplicate') },
          { name: 'Delete…', act: () => setOpen('delete') },
        ]}
      />
      <a class="button primary" href={`/segments/${encodeURIComponent(key)}/edit`}>
        Edit
      </a>
      {open === 'export' && (
        <ExportDialog segmentKey={key} when="now" onOrdered={() => route(tabPath(key, 'exports'))} onClose={close} />
      )}
      {open === 'override' && kind !== 'snapshot' && <OverrideDialog segmentKey={key} kind={kind} onClose={close} />}
      {open === 'duplicate' && <DuplicateDialog segment={segment} onClose={close} />}
      {open === 'delete' && <DeleteDialog segment={segment} onClose={close} />}
      {failed?.error && (
        <Modal title="This could not be done" onClose={failed.clear}>
          <FailureNote error={failed.error} />
          <div class="buttons">
            <button type="button" onClick={failed.clear}>
              Close
            </button>
          </div>
        </Modal>
      )}
    </>
  );
}
