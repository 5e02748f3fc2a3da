/** `wait [KEY]`: returns when everything committed before the call is visible in membership. It prints late windows on stderr. */
import { CALL_DEFAULTS } from '../../base/option.ts';
import { lateSentence } from '../../worker/wait-time.ts';
import { durationOption } from '../duration-flag.ts';
import { snakeKeys } from '../printed-output.ts';
import type { Verb } from '../verb.ts';
import { awaitWorker } from '../wait-flag.ts';

export const wait: Verb = (command, run) => {
  command
    .argument('[key]')
    .addOption(durationOption('--timeout <duration>', 'give up after', CALL_DEFAULTS.waitTimeout))
    .action(
      run(async (session, key: string | undefined, flags: { readonly timeout: number }) => {
        const started = performance.now();
        const { late } = await awaitWorker(
          session,
          session.segmentd().admin.wait({ timeout: flags.timeout, ...(key === undefined ? {} : { key }) }),
        );
        const waited = Math.round(performance.now() - started);
        for (const window of late) await session.note(lateSentence(window));
        await session.output.print(
          { ...(key === undefined ? {} : { key }), waitedMs: waited, late: late.map(snakeKeys) },
          () => '',
        );
      }),
    );
};
