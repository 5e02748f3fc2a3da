/** `uninstall`: takes the capture triggers off the team's tables; `--purge` removes segmentd's own schema too. */
import { Failure } from '../../base/error.ts';
import type { Verb } from '../run-cli.ts';

export const uninstall: Verb = (program, run) => {
  program
    .command('uninstall')
    .description('take the capture triggers off your tables')
    .option('--purge', "also drop segmentd's own schema with all segments, members and history")
    .option('--yes', 'needed with --purge')
    .action(
      run(async (session, flags: { readonly purge?: boolean; readonly yes?: boolean }) => {
        if (flags.purge && !flags.yes) throw new Failure('usage', '--purge drops all segments, members and history; say --purge --yes to do it.');
        await session.segmentd().uninstall({ purge: flags.purge === true });
        await session.output.print({ uninstalled: true, purged: flags.purge === true }, () => (flags.purge ? 'uninstalled, and the schema segmentd dropped' : 'uninstalled'));
      }),
    );
};
