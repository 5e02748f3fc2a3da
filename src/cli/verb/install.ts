/** `install`: puts the capture triggers on the team's tables; `--print` shows the SQL and changes nothing. */
import type { Verb } from '../run-cli.ts';

interface Flags {
  readonly print?: boolean;
  /** From `--notify` and `--no-notify`; absent: as before. */
  readonly notify?: boolean;
  readonly indexes?: boolean;
  readonly slow?: boolean;
}

export const install: Verb = (program, run) => {
  program
    .command('install')
    .description('put the capture triggers on your tables')
    .option('--print', 'print the SQL for a DBA, change nothing')
    .option('--notify', 'the triggers ring a sleeping worker (default, until told otherwise)')
    .option('--no-notify', 'leave the doorbell out: for teams that use PREPARE TRANSACTION')
    .option('--indexes', 'create the missing indexes on link columns (concurrently)')
    .option('--slow', 'go on without those indexes')
    .action(
      run(async (session, flags: Flags) => {
        const report = await session.segmentd().install({
          print: flags.print === true,
          indexes: flags.indexes === true,
          slow: flags.slow === true,
          ...(flags.notify === undefined ? {} : { notify: flags.notify }),
        });
        for (const note of report.notes ?? []) await session.output.note(note);
        if (flags.print && !session.output.json) return session.output.document(report.sql ?? '');
        await session.output.print(report, () => (report.changes.length === 0 ? 'up to date' : report.changes));
      }),
    );
};
