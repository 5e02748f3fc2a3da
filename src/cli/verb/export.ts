/** `export KEY`: the members as a file or on stdout; what was written is told on stderr, or on stdout when that is free. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Option } from 'commander';
import type { Destination, FormatName, Manifest } from '../../index.ts';
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
}

export const exportVerb: Verb = (program, run) => {
  program
    .command('export <key>')
    .description('write the members of a segment to a file or to stdout')
    .addOption(new Option('--format <format>', 'of the file').choices(['csv', 'ndjson', 'parquet']).default('csv'))
    .option('--columns <list>', 'comma-separated: contact_id, entered_at, fields of contacts, orders.count, orders.sum:total')
    .option('--gzip', 'compress')
    .option('--to <path>', 'a file, a folder (its name is then made of ids and times), or - for stdout', '-')
    .option('--formulas', "CSV: leave texts that a spreadsheet would run as they are, without a ' in front")
    .option('--consistent', 'read all columns in one snapshot; DDL on your tables waits meanwhile')
    .action(
      run(async (session, key: string, flags: Flags) => {
        const { format, columns, gzip, formulas, consistent, to } = flags;
        const destination = await destinationOf(session, to);
        const work = session.segmentd().export(key, {
          to: destination,
          format,
          ...(columns === undefined ? {} : { columns: columnList(columns) }),
          gzip: gzip === true,
          formulas: formulas === true,
          consistent: consistent === true,
          signal: session.io.signal,
          onProgress: (fraction) => session.bar.update(`exporting ${key}`, fraction),
        });
        const manifest = await quietly(session, work);
        session.bar.end();
        await report(session, destination, manifest);
      }, { graceful: true }),
    );
};

export function columnList(text: string): string[] {
  return text.split(',').map((name) => name.trim());
}

async function destinationOf({ io }: Session, to: string): Promise<Destination> {
  if (to === '-') return { stream: io.stdout };
  const path = resolve(io.cwd, to);
  const isFolder = to.endsWith('/') || (await stat(path).then((found) => found.isDirectory(), () => false));
  return isFolder ? { folder: path } : { file: path };
}

/** Whoever reads `| head` has what they wanted: that ends the run without a word. */
async function quietly<T>(session: Session, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (session.io.signal.reason === 'EPIPE') throw new DOMException('the reader went away', 'AbortError');
    throw error;
  }
}

async function report(session: Session, to: Destination, manifest: Manifest): Promise<void> {
  const summary = `${plural(manifest.count, 'row')}, ${plural(manifest.bytes, 'byte')}, sha256 ${manifest.sha256}`;
  // With data on stdout, a script that asks for JSON reads the manifest from stderr.
  if ('stream' in to) return session.output.json ? session.note(JSON.stringify(snakeKeys(manifest))) : session.note(summary);
  const path = 'file' in to ? to.file : resolve(to.folder, manifest.file ?? '');
  await session.output.print({ ...manifest, path }, () => path);
  if (!session.output.json) await session.note(summary);
}
