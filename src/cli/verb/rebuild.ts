/** `rebuild KEY|--all`: requests a full rebuild. Rows of members that stay are not written. */
import { Failure } from '../../base/error.ts';
import type { Verb } from '../verb.ts';

export const rebuild: Verb = (program, run) => {
  program
    .command('rebuild [key]')
    .description('rebuild a segment from the data')
    .option('--all', 'rebuild every segment')
    .option('--wait', 'return when it is done')
    .action(
      run(async (session, key: string | undefined, flags: { readonly all?: boolean; readonly wait?: boolean }) => {
        if ((key === undefined) !== (flags.all === true))
          throw new Failure('usage', 'Give either the key of a segment or --all.');
        const segmentd = session.segmentd();
        const keys = await segmentd.segments.rebuild(key ?? 'all');
        if (flags.wait) {
          for (const [index, one] of keys.entries()) {
            await segmentd.segments.untilLive(one, {
              signal: session.io.signal,
              onProgress: (fraction) => session.bar.update(`rebuilding ${one}`, (index + fraction) / keys.length),
            });
          }
          session.bar.end();
        }
        await session.output.print(
          keys.map((one) => ({ key: one })),
          () =>
            keys.length === 0
              ? 'nothing to rebuild'
              : keys.map((one) => `${flags.wait ? 'rebuilt' : 'rebuild requested:'} ${one}`),
        );
      }),
    );
};
