/** `rank [NAME]`: asks for a computation of one rank or of all, and waits for it on request. */
import { CALL_DEFAULTS } from '../../base/option.ts';
import { durationOption } from '../duration-flag.ts';
import { snakeKeys } from '../printed-output.ts';
import { rankLines } from '../rank-text.ts';
import type { Verb } from '../verb.ts';
import { awaitWorker } from '../wait-flag.ts';

export const rank: Verb = (command, run) => {
  command
    .argument('[name]')
    .option('--wait', 'return when it is computed')
    .addOption(durationOption('--timeout <duration>', 'with --wait: give up after', CALL_DEFAULTS.runTimeout))
    .action(
      run(async (session, name: string | undefined, flags: { readonly wait?: boolean; readonly timeout: number }) => {
        const { ranks } = session.segmentd();
        const asked = await ranks.compute(name);
        if (!flags.wait)
          return session.output.print(
            asked.map(({ name: one }) => ({ name: one })),
            () => asked.map((one) => `computation requested: ${one.name}`),
            'The config names no ranks.',
          );
        await awaitWorker(session, ranks.untilComputed(asked, { timeout: flags.timeout, signal: session.io.signal }));
        const computed = (await ranks.list()).filter((one) => asked.some((call) => call.name === one.name));
        return session.output.print(computed.map(snakeKeys), () => rankLines(computed), 'The config names no ranks.');
      }),
    );
};
