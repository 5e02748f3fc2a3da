/** `doctor`: what is wrong or could be better, and the command that fixes it; exits 1 when something fails, with `--strict` also for a warning. */
import { plural } from '../printed-output.ts';
import { whole } from '../table.ts';
import type { Verb } from '../verb.ts';

export const doctor: Verb = (command, run) => {
  command
    .option('--accept-clock', "accept the server's clock after it went back, and rebuild what depends on time")
    .option('--strict', 'exit 1 for a warning too')
    .action(
      run(async (session, flags: { readonly acceptClock?: boolean; readonly strict?: boolean }) => {
        if (flags.acceptClock)
          await session.output.note(
            `${plural(await session.segmentd().admin.acceptClock(), 'segment')} will be rebuilt`,
          );
        const findings = await session.segmentd().admin.doctor();
        await session.output.print(findings, () =>
          findings.flatMap(({ level, sentence, fix }) => [
            `${level.padEnd(5)} ${sentence}`,
            ...(fix ? fix.split('\n').map((line) => whole(`      ${line}`)) : []),
          ]),
        );
        return findings.some(({ level }) => level === 'fail' || (flags.strict === true && level === 'warn'))
          ? 1
          : undefined;
      }),
    );
};
