/** `show KEY`: everything that is stored of a segment. */
import type { Verb } from '../run-cli.ts';
import { segmentText } from '../segment-text.ts';

export const show: Verb = (program, run) => {
  program
    .command('show <key>')
    .description('show a segment')
    .action(
      run(async (session, key: string) => {
        const segment = await session.segmentd().show(key);
        await session.output.print(segment, () => segmentText(segment));
      }),
    );
};
