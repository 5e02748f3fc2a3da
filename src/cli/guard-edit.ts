/** An edit that moves too many members is refused with its numbers before it is written, by the limits of the settings. */
import { Failure, type SegmentChange } from '../index.ts';
import type { Session } from './verb-session.ts';

/** @throws {Failure} `conflict` with the numbers when the edit moves too many */
export async function guardEdit(
  session: Session,
  key: string,
  change: SegmentChange,
  expected: { readonly expectedVersion?: number },
): Promise<void> {
  const { settings, io } = session;
  try {
    await session.segmentd().segments.guardEdit(key, change, {
      ...expected,
      timeout: settings.previewTimeout,
      signal: io.signal,
      guard: { percent: settings.guardPercent, members: settings.guardMembers },
    });
  } catch (cause) {
    // An edit that a later version overtook has another exit code, and --yes is no answer to it.
    if (!(cause instanceof Failure) || cause.code !== 'conflict' || cause.exitCode === 1) throw cause;
    const sentence = `${cause.message} --dry-run names them, --yes makes the edit.`;
    throw new Failure('conflict', sentence, { cause, data: cause.data });
  }
}
