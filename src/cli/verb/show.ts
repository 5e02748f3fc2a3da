/** `show KEY`: everything that is stored of a segment. */
import { staleSentence } from '../../segment/stale-reference.ts';
import { snakeKeys } from '../printed-output.ts';
import type { Verb } from '../verb.ts';
import { segmentText, timeText } from '../segment-text.ts';

export const show: Verb = (program, run) => {
  program
    .command('show <key>')
    .description('show a segment')
    .action(
      run(async (session, key: string) => {
        const segment = await session.segmentd().segments.show(key);
        const timeliness = await session.segmentd().admin.timeliness(key);
        const stale = await session.segmentd().admin.staleReferences(key);
        const [standing] = await session.segmentd().admin.status(key);
        const owed = standing?.owed ?? [];
        const overrides = await session.segmentd().overrides.count(key);
        const overrideLines =
          overrides.included + overrides.excluded === 0
            ? []
            : [`overrides   ${overrides.included} included, ${overrides.excluded} excluded`];
        await session.output.print(
          { ...segment, overrides, timeliness: timeliness.map(snakeKeys), stale, owed },
          () => [
            ...segmentText(segment),
            ...overrideLines,
            ...timeText(timeliness),
            ...stale.map(staleSentence),
            ...owed.map((reason) => `A rebuild is owed: ${reason}.`),
          ],
        );
      }),
    );
};
