/** What a snapshot is taken of: a segment or a condition. */
import { Combobox } from '../part/combobox.tsx';
import type { ComboboxOption } from '../part/combobox-option.ts';
import type { DraftStore } from './draft-store.ts';
import type { SegmentDraft } from './segment-draft.ts';

export function SnapshotOf({
  draft,
  segments,
  store,
}: {
  readonly draft: SegmentDraft;
  readonly segments: readonly ComboboxOption[];
  readonly store: DraftStore;
}) {
  return (
    <p class="labelled">
      <span aria-hidden="true">Taken of </span>
      <Combobox
        label="Taken of"
        value={draft.of}
        text={draft.of === '' ? 'a condition' : (segments.find((one) => one.value === draft.of)?.label ?? draft.of)}
        options={() => [{ value: '', label: 'a condition' }, ...segments]}
        onPick={(of) => store.edit((before) => ({ ...before, of }))}
      />
    </p>
  );
}
