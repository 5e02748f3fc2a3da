/** Prints a segment that a verb wrote, with `--wait` once it is live. */
import type { Segment } from '../index.ts';
import { segmentText } from './segment-text.ts';
import type { Session } from './verb-session.ts';

export async function printWhenLive(session: Session, segment: Segment, wait: boolean): Promise<void> {
  let shown = segment;
  if (wait) {
    const { key } = segment;
    await session.segmentd().segments.untilLive(key, {
      signal: session.io.signal,
      onProgress: (fraction) => session.bar.update(`building ${key}`, fraction),
    });
    session.bar.end();
    shown = await session.segmentd().segments.show(key);
  }
  await session.output.print(shown, () => segmentText(shown));
}
