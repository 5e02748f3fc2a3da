/** `feed`: membership events as NDJSON; what was written is not written again, unless the run was cut short. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Failure, type FeedOptions } from '../../index.ts';
import { snakeKeys } from '../output.ts';
import type { Verb } from '../run-cli.ts';
import type { Session } from '../session.ts';

interface Flags {
  readonly consumer: string;
  readonly segment?: readonly string[];
  readonly from: string;
  readonly follow?: boolean;
  readonly restart?: boolean;
}

export const feed: Verb = (program, run) => {
  program
    .command('feed')
    .description('write who enters and leaves as NDJSON, from where the last run of this reader ended')
    .requiredOption('--consumer <name>', 'the reader; each has a place of its own')
    .option('--segment <key...>', 'only these segments; other events are passed over')
    .option('--from <place>', 'where a new reader begins: now, start, or the manifest of an export', 'now')
    .option('--restart', 'forget the place and begin as a new reader')
    .option('--follow', 'wait for more instead of ending')
    .action(
      run(async (session, { consumer, segment, from, follow, restart }: Flags) => {
        const { io } = session;
        const pages = session.segmentd().feedPages({
          consumer,
          from: await placeOf(session, from),
          follow: follow === true,
          restart: restart === true,
          signal: io.signal,
          ...(segment === undefined ? {} : { segments: segment }),
        });
        for await (const { events, acknowledge } of pages) {
          await written(session, events.map((event) => `${JSON.stringify(snakeKeys(event))}\n`).join(''));
          await acknowledge(events.length);
          if (io.signal.aborted) return;
        }
      }, { graceful: true }),
    );
};

/** Resolves when the reader's pipe has it all. */
function written({ io }: Session, text: string): Promise<void> {
  return new Promise((settle, reject) => {
    const gone = (): void => reject(new DOMException('the reader went away', 'AbortError'));
    io.stdout.once('close', gone);
    io.stdout.write(text, (error) => {
      io.stdout.removeListener('close', gone);
      if (error) gone();
      else settle();
    });
  });
}

async function placeOf({ io }: Session, from: string): Promise<NonNullable<FeedOptions['from']>> {
  if (from === 'now' || from === 'start') return from;
  let manifest: unknown;
  try {
    manifest = JSON.parse(await readFile(resolve(io.cwd, from), 'utf8'));
  } catch {
    throw new Failure('usage', `${from} cannot be read as a manifest; --from takes now, start, or the manifest of an export.`);
  }
  if (typeof manifest === 'object' && manifest !== null && 'snapshot' in manifest && 'as_of' in manifest) return { snapshot: String(manifest.snapshot), asOf: String(manifest.as_of) };
  throw new Failure('usage', `${from} is not the manifest of an export.`);
}
