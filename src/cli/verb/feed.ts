/** `feed`: membership events as NDJSON; what was written is not written again, unless the run was cut short. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { visibleJson } from '../../base/visible.ts';
import { Failure, type FeedOptions } from '../../index.ts';
import { writeWhole } from '../io.ts';
import { snakeKeys } from '../printed-output.ts';
import type { Verb } from '../verb.ts';
import type { Session } from '../verb-session.ts';

interface Flags {
  readonly consumer: string;
  readonly segment?: readonly string[];
  readonly from: string;
  readonly follow?: boolean;
  readonly restart?: boolean;
}

export const feed: Verb = (command, run) => {
  command
    .requiredOption('--consumer <name>', 'the reader; each has a place of its own')
    .option('--segment <key...>', 'only these segments; other events are passed over')
    .option('--from <place>', 'where a new reader begins: now, start, or the manifest of an export', 'now')
    .option('--restart', 'forget the place and begin as a new reader')
    .option('--follow', 'wait for more instead of ending')
    .action(
      run(
        async (session, { consumer, segment, from, follow, restart }: Flags) => {
          const { io } = session;
          /** Whether it printed an event, or why it has none. */
          let any = false;
          const pages = session.segmentd().feed.pages({
            consumer,
            from: await placeOf(session, from),
            follow: follow === true,
            restart: restart === true,
            onNew: async (place) => {
              if (place !== 'now') return;
              any = true;
              await session.note(beginsNow(consumer));
            },
            signal: io.signal,
            ...(segment === undefined ? {} : { segments: segment }),
          });
          for await (const { events, acknowledge } of pages) {
            any ||= events.length > 0;
            await writeWhole(io.stdout, events.map((event) => `${visibleJson(snakeKeys(event))}\n`).join(''));
            await acknowledge(events.length);
            if (io.signal.aborted) return;
          }
          if (!any) await session.note(`There are no new events for ${consumer}.`);
        },
        { graceful: true },
      ),
    );
};

function beginsNow(consumer: string): string {
  return `${consumer} is new and begins now; for all that is stored, run it again with --from start --restart.`;
}

async function placeOf({ io }: Session, from: string): Promise<NonNullable<FeedOptions['from']>> {
  if (from === 'now' || from === 'start') return from;
  let manifest: unknown;
  try {
    manifest = JSON.parse(await readFile(resolve(io.cwd, from), 'utf8'));
  } catch {
    throw new Failure(
      'usage',
      `${from} cannot be read as a manifest; --from takes now, start, or the manifest of an export.`,
    );
  }
  if (typeof manifest === 'object' && manifest !== null && 'snapshot' in manifest && 'as_of' in manifest)
    return { snapshot: String(manifest.snapshot), asOf: String(manifest.as_of) };
  throw new Failure('usage', `${from} is not the manifest of an export.`);
}
