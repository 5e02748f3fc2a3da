/** `rebuild KEY|--all`: requests a full rebuild. Rows of members that stay are not written. */
import { Failure } from '../../base/error.ts';
import type { Verb } from '../verb.ts';
import { addWaitFlags, awaitWorker, patienceOf, type WaitFlags } from '../wait-flag.ts';

export const rebuild: Verb = (command, run) => {
  addWaitFlags(command.argument('[key]'), 'it is done')
    .option('--all', 'rebuild every segment')
    .action(
      run(async (session, key: string | undefined, flags: WaitFlags & { readonly all?: boolean }) => {
        if ((key === undefined) !== (flags.all === true))
          throw new Failure('usage', 'Give either the key of a segment or --all.');
        const segmentd = session.segmentd();
        const keys = await segmentd.segments.rebuild(key ?? 'all');
        if (flags.wait) {
          for (const [index, one] of keys.entries()) {
            const live = segmentd.segments.untilLive(one, {
              ...patienceOf(flags),
              signal: session.io.signal,
              onProgress: (fraction) => session.bar.update(`rebuilding ${one}`, (index + fraction) / keys.length),
            });
            await awaitWorker(session, live);
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
