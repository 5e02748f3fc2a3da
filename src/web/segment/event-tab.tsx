/** Who entered and left, the newest first, as it happens. */
import type { SegmentOutline } from '../client/api.ts';
import { EventList } from './event-list.tsx';

export function EventTab({ segment }: { readonly segment: SegmentOutline }) {
  return (
    <>
      <p class="quiet tab-note">The newest first. The list goes on by itself while you look.</p>
      <EventList segmentKey={segment.key} none="No contact has entered or left yet." />
    </>
  );
}
