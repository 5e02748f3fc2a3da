/** Where the members of a segment without a condition come from: keys of contacts, or the members of another segment now. */
import { Combobox } from '../part/combobox.tsx';
import type { ComboboxOption } from '../part/combobox-option.ts';
import type { KeyList } from '../part/key-list.ts';
import { KeyPicker } from '../part/key-picker.tsx';
import type { Segment } from '../client/api.ts';
import type { DraftStore } from './draft-store.ts';
import type { SegmentDraft } from './segment-draft.ts';

export function StaticMembers({
  draft,
  segment,
  onKeys,
}: {
  readonly draft: SegmentDraft;
  readonly segment: Segment | undefined;
  readonly onKeys: (keys: KeyList | undefined) => void;
}) {
  if (draft.kind === 'static')
    return (
      <section class="static-members" aria-label="Contacts">
        <h2>{segment ? 'Add contacts' : 'Contacts'}</h2>
        <KeyPicker onKeys={onKeys} />
        <p class="quiet">They are added when you save. Contacts that do not exist are left out and named.</p>
      </section>
    );
  return (
    <section class="static-members" aria-label="Members">
      <h2>Members</h2>
      <p>
        {segment
          ? 'A snapshot keeps the members that it has. Its name, description and tags can change.'
          : 'The members that this segment has when the snapshot is taken stay its members.'}
      </p>
    </section>
  );
}

/** A snapshot is taken of a segment or of a condition. */
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
