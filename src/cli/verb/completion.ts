/** `completion bash|zsh|fish`: prints the script that completes segmentd in a shell. */
import { Argument } from 'commander';
import { COMPLETION_SCRIPTS, SHELLS, type Shell } from '../completion-script.ts';
import type { Verb } from '../verb.ts';

export const completion: Verb = (command, run) => {
  command
    .addArgument(
      new Argument('<shell>', 'bash, zsh or fish; begin a new shell after the line of the example').choices(SHELLS),
    )
    .action(
      run(
        async (session, shell: Shell) => {
          const script = COMPLETION_SCRIPTS[shell];
          if (session.output.json) return session.output.print({ shell, script }, () => '');
          await session.output.document(script);
        },
        { config: 'optional' },
      ),
    );
};
