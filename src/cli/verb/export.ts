/** `export KEY`: the members as a file or on stdout. A person at a terminal is told how much; a script reads the manifest. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Option } from 'commander';
import { Failure, type Destination, type FormatName, type LateWindow, type Manifest } from '../../index.ts';
import { lateSentence } from '../../worker/wait-time.ts';
import { durationOption } from '../duration-flag.ts';
import { plural, snakeKeys } from '../output.ts';
import type { Verb } from '../run-cli.ts';
import type { Session } from '../session.ts';

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

export const exportVerb: Verb = (program, run) => {
  program
    .command('export <key>')
    .description('write the members of a segment to a file or to stdout')
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
    .addOption(durationOption('--timeout <duration>', 'with --fresh: give up after', '30s'))
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
          await report(session, destination, manifest);
        },
        { graceful: true },
      ),
    );
};

export function columnList(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}

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

/** Whoever reads `| head` has what they wanted: that ends the run without a word. A delta says that it comes again. */
function stopped({ io }: Session, error: unknown, delta: string | undefined): never {
  if (io.signal.reason !== 'EPIPE') throw error;
  if (delta === undefined) throw new DOMException('the reader went away', 'AbortError');
  throw new Failure(
    'failed',
    `The reader of the export went away before its end; the delta ${JSON.stringify(delta)} comes again.`,
  );
}

/** The wanted version is not what is exported, or nobody keeps it. */
const STANDS: ReadonlySet<string> = new Set(['held', 'paused', 'invalid', 'failed', 'archived']);

async function report(session: Session, to: Destination, manifest: Manifest): Promise<void> {
  if (manifest.delta?.repeated)
    await session.note(
      `This is file ${manifest.delta.number} of the delta again, which was not finished; what came since is in the next.`,
    );
  if (STANDS.has(manifest.state))
    await session.note(
      `${manifest.segment} is ${manifest.state}: these are the members of version ${manifest.version} as they stand; segmentd show ${manifest.segment} says why.`,
    );
  const summarise = async (): Promise<void> => {
    if (session.io.stderr.isTTY)
      await session.note(
        `${plural(manifest.count, 'row')}, ${plural(manifest.bytes, 'byte')}, sha256 ${manifest.sha256}`,
      );
  };
  // With data on stdout, a script that asks for JSON reads the manifest from stderr.
  if ('stream' in to) return session.output.json ? session.output.jsonNote(snakeKeys(manifest)) : summarise();
  const path = 'file' in to ? to.file : resolve(to.folder, manifest.file ?? '');
  await session.output.print({ ...manifest, path }, () => path);
  if (!session.output.json) await summarise();
}
