/**
 * The command line as a function: arguments and streams in, exit code out (0 done, 1 failed or drift, 2 bad input). Every
 * verb runs through `run`, which opens its session, closes it, and turns whatever is thrown into a sentence on stderr.
 */
import { Command, Option } from 'commander';
import { Failure } from '../base/error.ts';
import { optionRows } from '../base/option.ts';
import { learnPassword, learnSecrets } from '../base/secret.ts';
import { visibleLines } from '../base/visible.ts';
import { packageVersion } from '../base/version.ts';
import { errorText, printIssue, traceOf } from './error-text.ts';
import { withNearestKey } from './nearest-key.ts';
import { interrupted, write, type Io } from './io.ts';
import { Output, snakeKeys } from './printed-output.ts';
import { openSession, type Session, type SessionOptions } from './verb-session.ts';
import { standbyFailureOr } from './standby-failure.ts';
import { VERBS } from './verb-list.ts';
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
      const session = await openSession(io, command.optsWithGlobals(), { ...options, verb: verbOf(command) });
      const work = handler(session, ...(all.slice(0, -1) as unknown as A));
      try {
        exitCode = (await (options?.graceful ? work : Promise.race([work, interrupted(io.signal)]))) ?? 0;
      } catch (error) {
        throw await standbyFailureOr(await withNearestKey(error, session), session);
      } finally {
        // An interrupted query is not waited for.
        if (io.signal.aborted && !options?.graceful) void session.close();
        else await session.close();
      }
    };

  try {
    const program = createProgram(io);
    for (const verb of VERBS) verb(program, run);
    const [first = ''] = argv;
    // commander would answer with the version of segmentd, whatever the person meant.
    if (argv.includes('--version') && program.commands.some((command) => command.name() === first)) {
      throw new Failure(
        'usage',
        `${first} has no option --version; segmentd help ${first} lists the options that it has.`,
      );
    }
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    // Who presses Ctrl-C, or ends the reader, knows that already.
    if (io.signal.aborted && error instanceof Error && error.name === 'AbortError')
      return io.signal.reason === 'EPIPE' ? 0 : 1;
    return report(error, io, argv.includes('--json'));
  }
}

function createProgram(io: Io): Command {
  const program = new Command('segmentd')
    .description('Keeps dynamic segments of your own Postgres contacts up to date.')
    .version(packageVersion())
    .option('--json', 'print JSON')
    .helpCommand('help [verb]', 'explain a verb')
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .exitOverride()
    // `report` prints each error once.
    .configureOutput({
      writeOut: (text) => void write(io.stdout, visibleLines(text)),
      writeErr: (text) => void write(io.stderr, visibleLines(text)),
      outputError: () => {},
    });
  for (const row of optionRows()) {
    program.addOption(
      new Option(
        row.flag,
        `${row.help} (env ${row.environment}${row.default === undefined ? '' : `, default ${row.default}`})`,
      ),
    );
  }
  return program;
}

/** With those above it, without the program: `schedule add`. */
function verbOf(command: Command): string {
  return command.parent?.parent ? `${verbOf(command.parent)} ${command.name()}` : command.name();
}

async function report(error: unknown, io: Io, json: boolean): Promise<number> {
  const output = new Output(io, json);
  const { sentence, issues, code, exitCode } = errorText(error);
  if (sentence !== '') {
    if (json)
      await output.jsonNote({
        error: { code, message: sentence, ...(issues ? { issues: issues.map(snakeKeys) } : {}) },
      });
    else for (const line of [`segmentd: ${sentence}`, ...(issues ?? []).map(printIssue)]) await output.note(line);
  }
  if (io.environment['SEGMENTD_DEBUG'] && error instanceof Error) await output.trace(traceOf(error));
  return exitCode;
}
