/** `migrate`: creates or updates segmentd's own tables, functions and views. */
import { plural } from '../output.ts';
import type { Verb } from '../run-cli.ts';

export const migrate: Verb = (program, run) => {
  program
    .command('migrate')
    .description("create or update segmentd's own tables")
    .action(
      run(async (session) => {
        const result = await session.segmentd().migrate();
        await session.output.print(result, () =>
          [
            result.migrations + result.objects.length === 0
              ? 'up to date'
              : `applied ${plural(result.migrations, 'migration')} and ${plural(result.objects.length, 'file')} of functions and views`,
            ...(result.published ? ['published the catalogue of the config file; every segment is rebuilt once'] : []),
          ].join('\n'),
        );
      }),
    );
};
