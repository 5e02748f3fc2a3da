/** `describe KEY|--condition FILE`: a condition in plain English. */
import { Failure } from '../../base/error.ts';
import type { Verb } from '../verb.ts';

export const describe: Verb = (program, run) => {
  program
    .command('describe [key]')
    .description('describe a condition in plain English')
    .option('--condition <file>', 'JsonLogic in a file, or - for stdin, in place of a segment')
    .option('--timezone <zone>', "IANA name for --condition; default the catalogue's")
    .action(
      run(
        async (
          session,
          key: string | undefined,
          flags: { readonly condition?: string; readonly timezone?: string },
        ) => {
          const { condition: file, timezone } = flags;
          if ((key === undefined) === (file === undefined))
            throw new Failure('usage', 'Give either the key of a segment or --condition FILE.');
          const of =
            key === undefined
              ? { condition: await session.readJson(file ?? '-'), ...(timezone === undefined ? {} : { timezone }) }
              : { key };
          const text = await session.segmentd().segments.describe(of);
          await session.output.print({ ...(key === undefined ? {} : { key }), description: text }, () => text);
        },
      ),
    );
};
