/** `uninstall`: takes the capture triggers off the team's tables; `--purge` removes segmentd's own schema too. */
import { Failure } from '../../base/error.ts';
import { plural } from '../printed-output.ts';
import { whole } from '../table.ts';
import type { Verb } from '../verb.ts';
import type { Session } from '../verb-session.ts';

export const uninstall: Verb = (command, run) => {
  command
    .option('--purge', "also drop segmentd's own schema with all segments, members and history")
    .option('--print', 'print the SQL for a DBA, change nothing')
    .option('--yes', 'needed with --purge')
    .action(
      run(async (session, flags: { readonly purge?: boolean; readonly print?: boolean; readonly yes?: boolean }) => {
        const workers = flags.purge ? await runningWorkers(session) : '';
        if (flags.purge && !flags.yes && !flags.print)
          throw new Failure(
            'usage',
            `--purge drops all segments, members and history; say --purge --yes to do it.${workers}`,
          );
        if (workers !== '') await session.output.note(workers.trim());
        const { remains, sql } = await session
          .segmentd()
          .admin.uninstall({ purge: flags.purge === true, print: flags.print === true });
        if (flags.print) {
          if (!session.output.json) return session.output.document(sql ?? '');
          return session.output.print({ sql, remains }, () => []);
        }
        const said = flags.purge ? 'uninstalled, and the schemas of segmentd dropped' : 'uninstalled';
        const rest =
          remains.length === 0
            ? []
            : [
                'What remains, and what removes it:',
                ...remains.flatMap(({ what, command }) => [`  ${what}`, whole(`    ${command}`)]),
              ];
        await session.output.print(
          { uninstalled: true, purged: flags.purge === true, ...(flags.purge ? { remains } : {}) },
          () => [said, ...rest],
        );
      }),
    );
};

/** A sentence about the workers that `--purge` would take the schema from; empty without any. */
async function runningWorkers(session: Session): Promise<string> {
  // Without a schema, or with an older one, there is nothing to count.
  const count = await session
    .segmentd()
    .admin.workers()
    .then(
      (workers) => workers.length,
      () => 0,
    );
  return count === 0
    ? ''
    : ` ${plural(count, 'worker runs', 'workers run')} in this database: stop ${count === 1 ? 'it' : 'them'} first, or ${count === 1 ? 'it ends' : 'they end'} with exit code 1.`;
}
