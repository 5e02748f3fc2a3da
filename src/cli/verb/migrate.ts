/** `migrate`: creates or updates segmentd's own tables, functions and views. */
import { lackingRolesSentence } from '../../postgres/own-role.ts';
import { publishedSentence } from '../../postgres/publication.ts';
import { plural } from '../printed-output.ts';
import type { Verb } from '../verb.ts';

export const migrate: Verb = (command, run) => {
  command
    .option('--published', 'create the tables though a publication for all tables sends them to its subscribers')
    .action(
      run(async (session, flags: { readonly published?: boolean }) => {
        const result = await session.segmentd().admin.migrate({ published: flags.published === true });
        if (result.publications.length > 0) await session.output.note(publishedSentence(result.publications));
        if (result.lackingRoles.length > 0) await session.output.note(lackingRolesSentence(result.lackingRoles));
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
