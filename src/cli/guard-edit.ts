/** An edit that moves too many members is refused with its numbers before it is written. */
import type { SegmentChange } from '../index.ts';
import { refuseBeyond } from '../preview/edit-preview.ts';
import type { Session } from './verb-session.ts';

/** @throws {Failure} `conflict` with the numbers when the edit moves too many */
export async function guardEdit(session: Session, key: string, change: SegmentChange): Promise<void> {
  const { settings, io } = session;
  const preview = await session
    .segmentd()
    .segments.previewEdit(key, change, { timeout: settings.previewTimeout, sample: 0, signal: io.signal });
  refuseBeyond(preview, { percent: settings.guardPercent, members: settings.guardMembers });
}
