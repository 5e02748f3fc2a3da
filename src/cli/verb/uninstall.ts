/** `uninstall`: takes the capture triggers off the team's tables; `--purge` removes segmentd's own schema too. */
import { Failure } from '../../base/error.ts';
import type { Verb } from '../verb.ts';

export const uninstall: Verb = (program, run) => {
  program
    .command('uninstall')
    .description('take the capture triggers off your tables')
    .option('--purge', "also drop segmentd's own schema with all segments, members and history")
    .option('--print', 'print the SQL for a DBA, change nothing')
    .option('--yes', 'needed with --purge')
    .action(
      run(async (session, flags: { readonly purge?: boolean; readonly print?: boolean; readonly yes?: boolean }) => {
        if (flags.purge && !flags.yes && !flags.print)
          throw new Failure('usage', '--purge drops all segments, members and history; say --purge --yes to do it.');
        const { remains, sql } = await session
          .segmentd()
          .admin.uninstall({ purge: flags.purge === true, print: flags.print === true });
        if (flags.print) {
          if (!session.output.json) return session.output.document(sql ?? '');
          return session.output.print({ sql, remains }, () => []);
        }
        const said = flags.purge ? 'uninstalled, and the schema segmentd dropped' : 'uninstalled';
        const rest =
          remains.length === 0
            ? []
            : [
                'What remains, and what removes it:',
                ...remains.flatMap(({ what, command }) => [`  ${what}`, `    ${command}`]),
              ];
        await session.output.print(
          { uninstalled: true, purged: flags.purge === true, ...(flags.purge ? { remains } : {}) },
          () => [said, ...rest],
        );
      }),
    );
};
