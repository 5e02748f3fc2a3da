/** `grant-reader ROLE`: grants a role of the database what an analyst needs; `--print` prints the SQL instead. */
import { Option } from 'commander';
import type { ReaderOptions } from '../../capture/reader-grant.ts';
import type { Verb } from '../verb.ts';

export const grantReader: Verb = (command, run) => {
  command
    .argument('<role>', 'role of the database, written exactly')
    .addOption(
      new Option(
        '--columns <which>',
        'also let it read the catalogued columns of the contacts table, or of all your tables',
      ).choices(['contacts', 'all']),
    )
    .option('--print', 'print the SQL for a DBA, change nothing')
    .action(
      run(async (session, role: string, flags: ReaderOptions) => {
        const { changes, sql } = await session.segmentd().admin.grantReader(role, flags);
        if (flags.print === true) {
          if (!session.output.json) return session.output.document(sql ?? '');
          return session.output.print({ sql }, () => []);
        }
        await session.output.print({ changes }, () => (changes.length === 0 ? ['up to date'] : changes));
      }),
    );
};
