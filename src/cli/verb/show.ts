/** `show KEY`: everything that is stored of a segment. */
import { staleSentence } from '../../segment/stale-reference.ts';
import { snakeKeys } from '../printed-output.ts';
import type { Verb } from '../verb.ts';
import { labelled, segmentText, timeText, wordsOf } from '../segment-text.ts';

export const show: Verb = (command, run) => {
  command.argument('<key>').action(
    run(async (session, key: string) => {
      const segment = await session.segmentd().segments.show(key);
      const words = await wordsOf(session, segment);
      const timeliness = await session.segmentd().admin.timeliness(key);
      const stale = await session.segmentd().admin.staleReferences(key);
      const [standing] = await session.segmentd().admin.status(key);
      const owed = standing?.owed ?? [];
      const overrides = await session.segmentd().overrides.count(key);
      const { included, excluded } = overrides;
      const counted = included + excluded === 0 ? null : `${included} included, ${excluded} excluded`;
      await session.output.print(
        { ...segment, words: words ?? null, overrides, timeliness: timeliness.map(snakeKeys), stale, owed },
        () => [
          ...segmentText(segment, words),
          ...labelled([['Overrides', counted]]),
          ...timeText(timeliness),
          ...stale.map(staleSentence),
          ...owed.map((reason) => `A rebuild is owed: ${reason}.`),
        ],
      );
    }),
  );
};
