/** `show KEY`: everything that is stored of a segment. */
import { rankSentence } from '../../rank/rank-state.ts';
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
      const ranks = await session.segmentd().ranks.readBy({ key });
      const { included, excluded } = overrides;
      const counted = included + excluded === 0 ? null : `${included} included, ${excluded} excluded`;
      await session.output.print(
        {
          ...segment,
          words: words ?? null,
          overrides,
          timeliness: timeliness.map(snakeKeys),
          stale,
          owed,
          ranks: ranks.map(snakeKeys),
        },
        () => [
          ...segmentText(segment, words),
          ...labelled([['Overrides', counted]]),
          ...timeText(timeliness),
          ...labelled([['Ranks', ranks.map(rankSentence).join('; ')]]),
          ...stale.map(staleSentence),
          ...owed.map((reason) => `A rebuild is owed: ${reason}.`),
        ],
      );
    }),
  );
};
