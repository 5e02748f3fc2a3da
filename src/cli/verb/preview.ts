/** `preview [KEY] --condition FILE|-`: a condition tried before it is saved; Ctrl-C cancels the query. */
import { Failure } from '../../base/error.ts';
import { CALL_DEFAULTS } from '../../base/option.ts';
import { previewText } from '../preview-text.ts';
import { wholeNumber } from '../number-flag.ts';
import type { Verb } from '../verb.ts';

interface Flags {
  readonly condition?: string;
  readonly timezone?: string;
  readonly sample?: number;
}

export const preview: Verb = (program, run) => {
  program
    .command('preview [key]')
    .description('count who a condition lets in, leaf by leaf, before it is saved')
    .option('--condition <file>', 'JsonLogic in a file, or - for stdin, in place of a segment')
    .option('--timezone <zone>', "IANA name for --condition; default the catalogue's")
    .option('--sample <contacts>', `most contacts to name; default ${CALL_DEFAULTS.previewSample}`, wholeNumber)
    .action(
      run(
        async (session, key: string | undefined, { condition: file, timezone, sample }: Flags) => {
          if ((key === undefined) === (file === undefined))
            throw new Failure('usage', 'Give either --condition FILE or the key of a segment.');
          const of =
            key === undefined
              ? { condition: await session.readJson(file ?? '-'), ...(timezone === undefined ? {} : { timezone }) }
              : { key };
          const { signal } = session.io;
          const result = await session.segmentd().segments.preview(of, {
            timeout: session.settings.previewTimeout,
            signal,
            ...(sample === undefined ? {} : { sample }),
          });
          await session.output.print(result, () => previewText(result));
        },
        // The query is cancelled in the server before the process ends.
        { graceful: true },
      ),
    );
};
