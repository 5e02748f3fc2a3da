/** `where-used KEY`: the segments that read this one, directly or through others. */
import { table } from '../output.ts';
import type { Verb } from '../run-cli.ts';

export const whereUsed: Verb = (program, run) => {
  program
    .command('where-used <key>')
    .description('list the segments that read a segment')
    .action(
      run(async (session, key: string) => {
        const uses = await session.segmentd().whereUsed(key);
        await session.output.print(uses, () =>
          uses.length === 0
            ? 'used nowhere'
            : table(uses, [
                { title: 'key', value: (row) => row.key },
                { title: 'state', value: (row) => row.state },
                { title: 'reads', value: (row) => row.path.slice(1).join(' → ') + (row.wanted ? '' : ' (until its edit is live)') },
              ]),
        );
      }),
    );
};
