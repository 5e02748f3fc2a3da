/** `add`, `remove`, `include`, `exclude`, `reset`: contacts put in or out by hand, named or one a line of a file. `by-hand`: who was. */
import { createReadStream } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { Failure } from '../../base/error.ts';
import type { Override, Overridden, OverriddenByFile } from '../../index.ts';
import { plural } from '../output.ts';
import type { Verb } from '../run-cli.ts';
import type { Session } from '../session.ts';
import { unreadable } from '../unreadable.ts';

const VERBS = [
  ['add', 'add contacts to a static segment', 'added'],
  ['remove', 'take contacts out of a static segment', 'removed'],
  ['include', 'have contacts in a dynamic segment whatever its condition says', 'included'],
  ['exclude', 'keep contacts out of a dynamic segment whatever its condition says', 'excluded'],
  ['reset', 'leave contacts to the condition again', 'reset'],
] as const;

interface Flags {
  readonly file?: string;
  readonly note?: string;
  readonly until?: string;
  readonly wait?: boolean;
}

export const byHand: Verb = (program, run) => {
  for (const [verb, summary, done] of VERBS) {
    const command = program
      .command(`${verb} <key> [contacts...]`)
      .description(summary)
      .option('--file <file>', 'keys of contacts, one a line, or - for stdin')
      .option('--wait', 'return when membership has followed');
    if (verb !== 'remove' && verb !== 'reset')
      command.option('--note <text>', 'why').option('--until <time>', 'until when; the worker takes it back then');
    command.action(
      run(async (session, key: string, contacts: readonly string[], { file, wait, ...options }: Flags) => {
        if ((contacts.length === 0) === (file === undefined))
          throw new Failure('usage', 'Name the contacts, or give --file.');
        const segmentd = session.segmentd();
        const overridden =
          file === undefined
            ? await segmentd.overrides.write(verb, key, contacts, options)
            : await segmentd.overrides.writeStream(verb, key, await open(session, file), options);
        // What was decided is a row: windows may be late.
        if (wait) await segmentd.admin.wait({ key, timeout: 600_000, acceptLate: true });
        await session.output.print(overridden, () => overriddenText(overridden, done));
      }),
    );
  }
  program
    .command('by-hand <key>')
    .description('list who was added, included or excluded by hand, with who decided it, when and why')
    .action(
      run(async (session, key: string) => {
        await session.output.stream(pages(session, key), overrideText, `Nothing was decided by hand in ${key}.`);
      }),
    );
};

/** @throws {Failure} `usage` */
async function open({ io }: Session, file: string): Promise<Readable> {
  if (file === '-') return io.stdin;
  const path = resolve(io.cwd, file);
  try {
    await access(path, constants.R_OK);
    if ((await stat(path)).isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
  } catch (error) {
    throw unreadable(file, error);
  }
  return createReadStream(path);
}

const PAGE = 1_000;

async function* pages(session: Session, key: string): AsyncGenerator<readonly Override[], void, void> {
  for (let after: string | undefined; ;) {
    const page = await session
      .segmentd()
      .overrides.list(key, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    yield page;
    after = page.at(-1)?.contactId;
    if (page.length < PAGE) return;
  }
}

function overrideText({ contactId, kind, note, createdBy, createdAt, expiresAt }: Override): string {
  return [
    contactId,
    kind,
    `by ${createdBy}`,
    createdAt,
    ...(expiresAt === null ? [] : [`until ${expiresAt}`]),
    ...(note === null ? [] : [note]),
  ].join('  ');
}

function overriddenText(overridden: Overridden | OverriddenByFile, done: string): readonly string[] {
  const { key, asked, changed } = overridden;
  const { unknown, unknownKeys } = 'unknown' in overridden ? overridden : { unknown: 0, unknownKeys: [] };
  return [
    `${plural(changed, 'contact')} ${done}: ${key}`,
    ...(asked - changed - unknown > 0 ? [`${plural(asked - changed - unknown, 'contact')} as before`] : []),
    ...(unknown > 0
      ? [
          `${plural(unknown, 'key')} of no contact, left out: ${unknownKeys.join(', ')}${unknown > unknownKeys.length ? ', …' : ''}`,
        ]
      : []),
  ];
}
