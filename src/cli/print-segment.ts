/** Prints a segment that a verb wrote, with `--wait` once it is live. */
import type { Segment } from '../index.ts';
import { segmentText, wordsOf } from './segment-text.ts';
import type { Session } from './verb-session.ts';
import { awaitWorker, patienceOf, type WaitFlags } from './wait-flag.ts';

export async function printWhenLive(session: Session, segment: Segment, flags: WaitFlags): Promise<void> {
  let shown = segment;
  if (flags.wait) {
    const { key } = segment;
    const live = session.segmentd().segments.untilLive(key, {
      ...patienceOf(flags),
      signal: session.io.signal,
      onProgress: (fraction) => session.bar.update(`building ${key}`, fraction),
    });
    await awaitWorker(session, live);
    session.bar.end();
    shown = await session.segmentd().segments.show(key);
  }
  await printSegment(session, shown);
}

export async function printSegment(session: Session, segment: Segment): Promise<void> {
  const words = session.output.json ? undefined : await wordsOf(session, segment);
  await session.output.print(segment, () => segmentText(segment, words));
}
