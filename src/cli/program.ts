/**
 * The command line as a tree of commands: the options of every verb, the verbs, and what `--help` prints of them. A verb's
 * arguments and options come when it is the one that runs, is explained or completed; nothing else is loaded.
 */
import { Command, Option } from 'commander';
import { Failure } from '../base/error.ts';
import { optionRows } from '../base/option.ts';
import { didYouMean } from '../base/suggest.ts';
import { visibleLines } from '../base/visible.ts';
import { packageVersion } from '../base/version.ts';
import { helpText } from './help-text.ts';
import { write, type Io } from './io.ts';
import { misuse } from './misuse.ts';
import { VERBS } from './verb-list.ts';
import type { Run } from './verb.ts';

export interface Program {
  readonly root: Command;
  /** Gives the command of a verb its arguments and options. Idempotent. */
  readonly complete: (command: Command) => Promise<void>;
}

/** The hidden verb of complete.ts. */
export const COMPLETE = '__complete';

/** Columns of help that goes into a pipe or a file. */
const PIPED = 80;
const MOST = 100;

export function createProgram(argv: readonly string[], io: Io, run: Run): Program {
  const isAll = argv.includes('--all');
  const width = Math.min(io.stdout.isTTY ? (io.stdout.columns ?? PIPED) : PIPED, MOST);
  const root = new Command('segmentd')
    .description('Keeps dynamic segments of your own Postgres contacts up to date.')
    .version(packageVersion())
    .option('--json', 'print JSON')
    .helpCommand(false)
    .helpOption('-h, --help', 'explain a verb; with --all every verb and option')
    .configureHelp({ formatHelp: (command) => helpText(command, { width, isAll }) })
    .showSuggestionAfterError()
    .exitOverride()
    // `runCli` prints each error once.
    .configureOutput({
      writeOut: (text) => void write(io.stdout, visibleLines(text)),
      writeErr: (text) => void write(io.stderr, visibleLines(text)),
      outputError: () => {},
    });
  for (const row of optionRows()) root.addOption(new Option(row.flag, row.help));
  return addVerbs(root, run);
}

function addVerbs(root: Command, run: Run): Program {
  const incomplete = new Map<Command, () => Promise<void>>();
  const complete = async (command: Command): Promise<void> => {
    const load = incomplete.get(command);
    incomplete.delete(command);
    await load?.();
    for (const one of [command, ...command.commands])
      one.exitOverride((error) => {
        throw misuse(error, one);
      });
  };
  for (const { name, summary, load } of VERBS) {
    const command = root.command(name).description(summary);
    incomplete.set(command, async () => (await load())(command, run));
  }
  root.hook('preSubcommand', (_, command) => complete(command));
  root
    .command('help')
    .argument('[verb...]')
    .option('--all', 'every verb and option')
    .description('explain a verb')
    .action(async (names: readonly string[]) => {
      let command = root;
      for (const name of names) {
        const inner = command.commands.find((one) => one.name() === name);
        if (!inner) throw unknownVerb(name, command);
        await complete(inner);
        command = inner;
      }
      command.help();
    });
  return { root, complete };
}

export function unknownVerb(name: string, command: Command): Failure {
  const hint = didYouMean(
    name,
    command.commands.map((one) => one.name()),
  );
  const of = command.parent === null ? 'segmentd' : `segmentd ${fullName(command)}`;
  return new Failure(
    'usage',
    `There is no verb ${JSON.stringify(name)}${hint === undefined ? `; ${of} --help lists them.` : `: ${hint}`}`,
  );
}

/** With those above it, without the program: `schedule add`. */
export function fullName(command: Command): string {
  return command.parent?.parent ? `${fullName(command.parent)} ${command.name()}` : command.name();
}
