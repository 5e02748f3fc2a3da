/** Files of the members: one now, one again and again, and what became of those before. */
import { useState } from 'preact/hooks';
import type { SegmentOutline } from '../client/api.ts';
import { mayEdit, useMe } from '../client/me-context.ts';
import { ExportDialog } from './export-dialog.tsx';
import { ExportList } from './export-list.tsx';
import { ScheduleList } from './schedule-list.tsx';
import './export.css';

export function ExportTab({ segment }: { readonly segment: SegmentOutline }) {
  const editable = mayEdit(useMe());
  const [open, setOpen] = useState<'now' | 'schedule' | undefined>();
  return (
    <>
      <div class="toolbar">
        <h2>Files</h2>
        <span class="grow" />
        {editable ? (
          <>
            <button type="button" onClick={() => setOpen('schedule')}>
              On a schedule…
            </button>
            <button type="button" onClick={() => setOpen('now')}>
              New file…
            </button>
          </>
        ) : (
          <span class="quiet">Exports need the role editor.</span>
        )}
      </div>
      <ExportList segmentKey={segment.key} editable={editable} />
      <div class="toolbar">
        <h2>Schedules</h2>
      </div>
      <ScheduleList segmentKey={segment.key} editable={editable} />
      {open && <ExportDialog segmentKey={segment.key} when={open} onClose={() => setOpen(undefined)} />}
    </>
  );
}
