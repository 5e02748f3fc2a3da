/** `preview [KEY] --condition FILE|-`: a condition tried before it is saved; Ctrl-C cancels the query. */
import { Option } from 'commander';
import { CALL_DEFAULTS } from '../../base/option.ts';
import { previewText } from '../preview-text.ts';
import type { PreviewMode } from '../../index.ts';
import { wholeNumber } from '../number-flag.ts';
import { snakeKeys } from '../printed-output.ts';
import { sourceOf } from '../segment-flag.ts';
import type { Verb } from '../verb.ts';

interface Flags {
  readonly condition?: string;
  readonly timezone?: string;
  readonly sample?: number;
  readonly mode?: PreviewMode;
}

export const preview: Verb = (command, run) => {
  command
    .argument('[key]')
    .option('--condition <file>', 'JsonLogic in a file, or - for stdin, in place of a segment')
    .option('--timezone <zone>', "IANA name for --condition; default the catalogue's")
    .option('--sample <contacts>', `most contacts to name; default ${CALL_DEFAULTS.previewSample}`, wholeNumber)
    .addOption(
      new Option(
        '--mode <mode>',
        'estimate (from a sample, at once), exact (count who is in), rows (count each part too)',
      ).choices(['estimate', 'exact', 'rows']),
    )
    .action(
      run(
        async (session, key: string | undefined, { sample, mode, ...flags }: Flags) => {
          const of = await sourceOf(session, key, flags);
          const { signal } = session.io;
          const result = await session.segmentd().segments.preview(of, {
            timeout: session.settings.previewTimeout,
            signal,
            ...(sample === undefined ? {} : { sample }),
            ...(mode === undefined ? {} : { mode }),
          });
          await session.output.print({ ...result, sample: result.sample.map(snakeKeys) }, () => previewText(result));
        },
        // The query is cancelled in the server before the process ends.
        { graceful: true },
      ),
    );
};
