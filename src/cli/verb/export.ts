/** `export KEY`: the members as a file or on stdout. A person at a terminal reads how much; a script reads the manifest. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Option } from 'commander';
import { CALL_DEFAULTS } from '../../base/option.ts';
import { Failure, type Destination, type FormatName, type LateWindow } from '../../index.ts';
import { lateSentence } from '../../worker/wait-time.ts';
import { durationOption } from '../duration-flag.ts';
import { columnList } from '../column-flag.ts';
import { reportExport } from '../export-report.ts';
import type { Verb } from '../verb.ts';
import type { Session } from '../verb-session.ts';

interface Flags {
  readonly format: FormatName;
  readonly columns?: string;
  readonly gzip?: boolean;
  readonly formulas?: boolean;
  readonly consistent?: boolean;
  readonly to: string;
  readonly delta?: string;
  readonly passing?: boolean;
  readonly restart?: boolean;
  readonly fresh?: boolean;
  readonly timeout: number;
}

export const exportVerb: Verb = (command, run) => {
  command
    .argument('<key>')
    .addOption(new Option('--format <format>', 'of the file').choices(['csv', 'ndjson', 'parquet']).default('csv'))
    .option(
      '--columns <list>',
      'comma-separated: contact_id, entered_at, fields of contacts, orders.count, orders.sum:total',
    )
    .option('--gzip', 'compress')
    .option('--to <path>', 'a file, a folder (its name is then made of ids and times), or - for stdout', '-')
    .option('--formulas', "CSV: leave texts that a spreadsheet would run as they are, without a ' in front")
    .option('--delta <name>', 'only who entered and left since the last file of this name; the first has everybody')
    .option('--passing', 'with --delta: also who did both since, once (entered_left, left_entered)')
    .option('--restart', 'with --delta: begin anew')
    .option('--fresh', 'first wait until everything committed before is in')
    .addOption(durationOption('--timeout <duration>', 'with --fresh: give up after', CALL_DEFAULTS.waitTimeout))
    .option('--consistent', 'read all columns in one snapshot; DDL on your tables waits meanwhile')
    .action(
      run(
        async (session, key: string, flags: Flags) => {
          const { format, columns, gzip, formulas, consistent, to, delta, passing, restart, fresh, timeout } = flags;
          const destination = await destinationOf(session, to);
          let late: readonly LateWindow[] = [];
          const work = session.segmentd().exports.write(key, {
            to: destination,
            format,
            ...(columns === undefined ? {} : { columns: columnList(columns) }),
            gzip: gzip === true,
            formulas: formulas === true,
            consistent: consistent === true,
            ...(delta === undefined ? {} : { delta }),
            passing: passing === true,
            restart: restart === true,
            ...(fresh === true ? { fresh: timeout, onLate: (windows: readonly LateWindow[]) => (late = windows) } : {}),
            signal: session.io.signal,
            onProgress: (fraction) => session.bar.update(`exporting ${key}`, fraction),
          });
          const manifest = await work.catch((error: unknown) => stopped(session, error, delta));
          session.bar.end();
          for (const window of late) await session.note(lateSentence(window));
          await reportExport(session, destination, manifest);
        },
        { graceful: true },
      ),
    );
};

async function destinationOf({ io }: Session, to: string): Promise<Destination> {
  if (to === '') throw new Failure('usage', '--to is empty; give a file, a folder, or - for stdout.');
  if (to === '-') return { stream: io.stdout };
  const path = resolve(io.cwd, to);
  const isFolder =
    to.endsWith('/') ||
    (await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    ));
  return isFolder ? { folder: path } : { file: path };
}

/** `| head` closes the stream early: that ends the run without a message. After a delta the message says that it comes again. */
function stopped({ io }: Session, error: unknown, delta: string | undefined): never {
  if (io.signal.reason !== 'EPIPE') throw error;
  if (delta === undefined) throw new DOMException('the reader went away', 'AbortError');
  throw new Failure(
    'failed',
    `The reader of the export went away before its end; the delta ${JSON.stringify(delta)} comes again.`,
  );
}
