/** `show KEY`: everything that is stored of a segment. */
import { snakeKeys } from '../output.ts';
import type { Verb } from '../run-cli.ts';
import { segmentText, timeText } from '../segment-text.ts';

export const show: Verb = (program, run) => {
  program
    .command('show <key>')
    .description('show a segment')
    .action(
      run(async (session, key: string) => {
        const segment = await session.segmentd().show(key);
        const timeliness = await session.segmentd().timeliness(key);
        await session.output.print({ ...segment, timeliness: timeliness.map(snakeKeys) }, () => [segmentText(segment), ...timeText(timeliness)].join('\n'));
      }),
    );
};
