/** `describe KEY|--condition FILE`: a condition in plain English. */
import { rankSentence } from '../../rank/rank-state.ts';
import { snakeKeys } from '../printed-output.ts';
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
          const of = await sourceOf(session, key, flags);
          const text = await session.segmentd().segments.describe(of);
          const ranks = await session.segmentd().ranks.readBy(of);
          const zone = await zoneOf(session, key, flags.timezone);
          await session.output.print(
            {
              ...(key === undefined ? {} : { key }),
              description: text,
              timezone: zone,
              ...(ranks.length === 0 ? {} : { ranks: ranks.map(snakeKeys) }),
            },
            () =>
              labelled([
                ['Condition', text],
                ['Zone', zone],
                ['Ranks', ranks.map(rankSentence).join('; ')],
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
