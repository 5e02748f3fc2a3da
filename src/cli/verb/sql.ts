/** `sql KEY|--condition FILE`: the SQL that a condition became. What it prints runs in psql as it is. */
import { visible } from '../../base/visible.ts';
import type { SegmentSql } from '../../index.ts';
import { sourceOf } from '../segment-flag.ts';
import type { Verb } from '../verb.ts';

interface Flags {
  readonly condition?: string;
  readonly timezone?: string;
  readonly contact?: readonly string[];
}

export const sql: Verb = (command, run) => {
  command
    .argument('[key]')
    .option('--condition <file>', 'JsonLogic in a file, or - for stdin, in place of a segment')
    .option('--timezone <zone>', "IANA name for --condition; default the catalogue's")
    .option('--contact <contact...>', 'the contacts of the recheck; default the first three')
    .action(
      run(async (session, key: string | undefined, { contact, ...flags }: Flags) => {
        const of = await sourceOf(session, key, flags);
        const found = await session.segmentd().segments.sql(of, contact === undefined ? {} : { contacts: contact });
        if (session.output.json) return session.output.print(found, () => '');
        await session.output.document(scriptOf(found));
      }),
    );
};

/** A comment is one line: `visible` leaves no end of a line in what others wrote. */
function scriptOf({ key, version, description, rebuild, recheck }: SegmentSql): string {
  const of = key === null ? '' : `${visible(key)}, version ${version}: `;
  return [
    `-- ${of}${visible(description)}`,
    '-- Rebuild: all members.',
    `${rebuild.sql};`,
    '',
    "-- Recheck: the segment's id for each of these contacts that matches.",
    `${recheck.sql};`,
    '',
  ].join('\n');
}
