/**
 * The command line as a function: arguments and streams in, exit code out (0 done, 1 failed or drift, 2 bad input). Every
 * verb runs through `run`, which opens its session, closes it, and turns whatever is thrown into a sentence on stderr.
 * Only the verb that runs is imported, with what it needs: `--version` and `--help` load the table of verbs and no more.
 */
import { Command, CommanderError } from 'commander';
import { Failure } from '../base/error.ts';
import { learnPassword, learnSecrets } from '../base/secret.ts';
import { errorText, printIssue, traceOf } from './error-text.ts';
import { interrupted, type Io } from './io.ts';
import { Output, snakeKeys } from './printed-output.ts';
import { COMPLETE, createProgram, fullName, unknownVerb } from './program.ts';
import type { Session, SessionOptions } from './verb-session.ts';
import type { Outcome, Run } from './verb.ts';

export async function runCli(argv: readonly string[], io: Io): Promise<number> {
  let exitCode = 0;
  // Passwords are known before anything is printed, also when a flag is misspelt or a value malformed.
  for (const text of [...argv, io.environment['DATABASE_URL'], io.environment['REDIS_URL']])
    if (text !== undefined && /[@=]/.test(text)) learnSecrets(text);
  for (const name of ['PGPASSWORD', 'REDISCLI_AUTH']) learnPassword(io.environment[name] ?? '');
  const run: Run =
    <A extends readonly unknown[]>(
      handler: (session: Session, ...args: A) => Promise<Outcome>,
      options?: SessionOptions,
    ) =>
    async (...all: [...A, Command]) => {
      const command: unknown = all.at(-1);
      if (!(command instanceof Command)) throw new TypeError('commander passes the command last');
      const { openSession } = await import('./verb-session.ts');
      const session = await openSession(io, command.optsWithGlobals(), { ...options, verb: fullName(command) });
      const work = handler(session, ...(all.slice(0, -1) as unknown as A));
      try {
        exitCode = (await (options?.graceful ? work : Promise.race([work, interrupted(io.signal)]))) ?? 0;
      } catch (error) {
        const { withNearestKey } = await import('./nearest-key.ts');
        const { standbyFailureOr } = await import('./standby-failure.ts');
        const { namingRole } = await import('./missing-role.ts');
        const named = namingRole(await withNearestKey(error, session), fullName(command));
        throw await standbyFailureOr(named, session);
      } finally {
        // An interrupted query is not waited for. What must end in order has ended with its verb.
        if (io.signal.aborted) void session.close();
        else await session.close();
      }
    };

  const [first = ''] = argv;
  if (first === COMPLETE) return (await import('./complete.ts')).complete(argv.slice(1), io);
  const { root: program } = createProgram(argv, io, run);
  try {
    // commander would answer with the version of segmentd, whatever the person meant.
    if (argv.includes('--version') && program.commands.some((command) => command.name() === first)) {
      throw new Failure(
        'usage',
        `${first} has no option --version; segmentd help ${first} lists the options that it has.`,
      );
    }
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (thrown) {
    const error = knownVerbs(thrown, program, argv);
    // Who presses Ctrl-C, or ends the reader, knows that already.
    if (io.signal.aborted && (error === io.signal.reason || (error instanceof Error && error.name === 'AbortError')))
      return io.signal.reason === 'EPIPE' ? 0 : 1;
    return report(error, io, argv.includes('--json'));
  }
}

/** commander's words for a verb that does not exist, in ours. */
function knownVerbs(error: unknown, program: Command, [first = '']: readonly string[]): unknown {
  if (!(error instanceof CommanderError) || error.code !== 'commander.unknownCommand') return error;
  const [, name = ''] = /^error: unknown command '([^]*?)'(?:\n|$)/.exec(error.message) ?? [];
  const above = program.commands.find((one) => one.name() === first && one.commands.length > 0);
  return unknownVerb(name, above ?? program);
}

async function report(error: unknown, io: Io, json: boolean): Promise<number> {
  const output = new Output(io, json);
  const { sentence, issues, usage, code, exitCode } = errorText(error);
  if (sentence !== '') {
    if (json)
      await output.jsonNote({
        error: {
          code,
          message: sentence,
          ...(usage === undefined ? {} : { usage }),
          ...(issues ? { issues: issues.map(snakeKeys) } : {}),
        },
      });
    else {
      const more = [...(usage === undefined ? [] : [usage]), ...(issues ?? []).map(printIssue)];
      for (const line of [`segmentd: ${sentence}`, ...more]) await output.note(line);
    }
  }
  if (io.environment['SEGMENTD_DEBUG'] && error instanceof Error) await output.trace(traceOf(error));
  return exitCode;
}
