/** `add`, `remove`, `include`, `exclude`, `reset`: overrides for contacts, named or one a line of a file. */
import { createReadStream } from 'node:fs';
import { CALL_DEFAULTS } from '../../base/option.ts';
import { access, constants, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { Failure } from '../../base/error.ts';
import { durationOption } from '../duration-flag.ts';
import { overriddenText } from '../override-text.ts';
import type { Verb } from '../verb.ts';
import type { Session } from '../verb-session.ts';
import { unreadableFile } from '../unreadable-file.ts';
import { awaitWorker } from '../wait-flag.ts';

const DONE = { add: 'added', remove: 'removed', include: 'included', exclude: 'excluded', reset: 'reset' } as const;

interface Flags {
  readonly file?: string;
  readonly note?: string;
  readonly until?: string;
  readonly wait?: boolean;
  readonly timeout: number;
}

export function override(verb: keyof typeof DONE): Verb {
  return (command, run) => {
    command
      .argument('<key>')
      .argument('[contacts...]')
      .option('--file <file>', 'keys of contacts, one a line, or - for stdin')
      .option('--wait', 'return when membership has followed')
      .addOption(durationOption('--timeout <duration>', 'with --wait: give up after', CALL_DEFAULTS.buildTimeout));
    if (verb !== 'remove' && verb !== 'reset')
      command
        .option('--note <text>', 'why')
        .option('--until <time>', 'until when; the worker removes the override then');
    command.action(
      run(async (session, key: string, contacts: readonly string[], { file, wait, timeout, ...options }: Flags) => {
        if ((contacts.length === 0) === (file === undefined))
          throw new Failure('usage', 'Name the contacts, or give --file.');
        const segmentd = session.segmentd();
        const overridden =
          file === undefined
            ? await segmentd.overrides.write(verb, key, contacts, options)
            : await segmentd.overrides.writeStream(verb, key, await open(session, file), options);
        // An override is a row and no window: late windows do not matter.
        if (wait) await awaitWorker(session, segmentd.admin.wait({ key, timeout, acceptLate: true }));
        await session.output.print(overridden, () => overriddenText(overridden, DONE[verb]));
      }),
    );
  };
}

/** @throws {Failure} `usage` */
async function open({ io }: Session, file: string): Promise<Readable> {
  if (file === '-') return io.stdin;
  const path = resolve(io.cwd, file);
  try {
    await access(path, constants.R_OK);
    if ((await stat(path)).isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
  } catch (error) {
    throw unreadableFile(file, error);
  }
  return createReadStream(path);
}
