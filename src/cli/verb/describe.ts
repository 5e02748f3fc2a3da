/** `describe KEY|--condition FILE`: a condition in plain English. */
import { sourceOf } from '../segment-flag.ts';
import { labelled } from '../segment-text.ts';
import type { Verb } from '../verb.ts';
import type { Session } from '../verb-session.ts';

export const describe: Verb = (command, run) => {
  command
    .argument('[key]')
    .option('--condition <file>', 'JsonLogic in a file, or - for stdin, in place of a segment')
    .option('--timezone <zone>', "IANA name for --condition; default the catalogue's")
    .action(
      run(
        async (
          session,
          key: string | undefined,
          flags: { readonly condition?: string; readonly timezone?: string },
        ) => {
          const text = await session.segmentd().segments.describe(await sourceOf(session, key, flags));
          const zone = await zoneOf(session, key, flags.timezone);
          await session.output.print({ ...(key === undefined ? {} : { key }), description: text, timezone: zone }, () =>
            labelled([
              ['Condition', text],
              ['Zone', zone],
            ]),
          );
        },
      ),
    );
};

/** In which the days of the condition begin. */
async function zoneOf(session: Session, key: string | undefined, given: string | undefined): Promise<string> {
  const own = key === undefined ? given : (await session.segmentd().segments.show(key)).timezone;
  return own || (await session.segmentd().admin.fields()).catalogue.timezone;
}
