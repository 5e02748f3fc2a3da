/** `history KEY`: size, entered and left day by day; in a terminal the size as a sparkline too. */
import { CALL_DEFAULTS } from '../../base/option.ts';
import { sparkline } from '../sparkline.ts';
import { table } from '../table.ts';
import { wholeNumber } from '../number-flag.ts';
import type { Verb } from '../verb.ts';

export const history: Verb = (command, run) => {
  command
    .argument('<key>')
    .option('--days <number>', 'how many days back (UTC)', wholeNumber, CALL_DEFAULTS.historyDays)
    .action(
      run(async (session, key: string, flags: { readonly days: number }) => {
        const days = await session.segmentd().members.history(key, flags);
        await session.output.print(days, () => [
          ...(session.io.stdout.isTTY
            ? [
                sparkline(
                  days.map((day) => day.members),
                  session.io.stdout.columns ?? 80,
                ),
                '',
              ]
            : []),
          ...table(days, [
            { title: 'day', value: (row) => row.day },
            { title: 'members', value: (row) => row.members, right: true },
            { title: 'entered', value: (row) => row.entered, right: true },
            { title: 'left', value: (row) => row.left, right: true },
          ]),
        ]);
      }),
    );
};
