/** Where the members of a segment without a condition come from: keys of contacts, or the members of another segment now. */
import type { KeyList } from '../part/key-list.ts';
import { KeyPicker } from '../part/key-picker.tsx';
import type { Segment } from '../client/api.ts';
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
