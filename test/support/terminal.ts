/**
 * Runs a program in a pseudo-terminal of a given size: keys in, what a person sees out. `script` of util-linux makes the
 * pseudo-terminal. Where it is missing the tests are counted aloud as skipped (`describe.runIf(terminalAvailable)`); under
 * CI that is a failure.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TestScreen } from './screen.ts';
import { until } from './until.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TSX = fileURLToPath(import.meta.resolve('tsx'));

export const terminalAvailable: boolean = (() => {
  const { status, stdout } = spawnSync('script', ['--version'], { encoding: 'utf8' });
  const found = status === 0 && stdout.includes('util-linux');
  if (!found && process.env['CI'] === 'true')
    throw new Error('script (util-linux) is missing: tests in a pseudo-terminal must run in CI');
  return found;
})();

/** What keys send. */
export const KEY = {
  up: '\u001b[A',
  down: '\u001b[B',
  pageUp: '\u001b[5~',
  pageDown: '\u001b[6~',
  home: '\u001b[H',
  end: '\u001b[F',
  enter: '\r',
  escape: '\u001b',
  ctrlC: '\u0003',
  ctrlZ: '\u001a',
} as const;

export interface TerminalOptions {
  /** Default 80. */
  readonly columns?: number;
  /** Default 24. */
  readonly rows?: number;
  /** Added to the environment; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
}

export interface TestTerminal {
  /** Of the program, not of `script`. */
  readonly pid: number;
  readonly screen: TestScreen;
  /** Everything that the program wrote, escape sequences included. */
  readonly output: string;
  /** Keys as a terminal sends them. */
  type(keys: string): void;
  /** As when a person drags the corner of the window. */
  resize(columns: number, rows: number): Promise<void>;
  /** Resolves with the rows of the screen once one of them matches; fails when the program ends without. */
  shows(pattern: RegExp | string, timeout?: number): Promise<string[]>;
  /** Resolves with the rows once none of them matches. */
  showsNo(pattern: RegExp | string, timeout?: number): Promise<string[]>;
  signal(name: NodeJS.Signals): void;
  /** As when a person closes the window: the program hears SIGHUP, and can write no more. */
  hangUp(): void;
  /** Resolves at the end of the program. `code` is 128 and the signal's number when a signal ended it. */
  readonly ended: Promise<{ readonly code: number }>;
  /** Ends the program at once. Idempotent; for `afterEach`. */
  close(): Promise<void>;
}

/** A verb of the CLI in a terminal. */
export function cliInTerminal(args: readonly string[], options: TerminalOptions = {}): Promise<TestTerminal> {
  return openTerminal([process.execPath, '--import', TSX, resolve(ROOT, 'src/cli/main.ts'), ...args], options);
}

/** Any program in a terminal; resolves when it has started. */
export async function openTerminal(command: readonly string[], options: TerminalOptions = {}): Promise<TestTerminal> {
  const { columns = 80, rows = 24 } = options;
  const program = command.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ');
  const child = spawn(
    'script',
    ['-qefc', `stty rows ${rows} cols ${columns}; tty; echo $$; exec ${program}`, '/dev/null'],
    {
      cwd: options.cwd ?? ROOT,
      env: environment(options.env),
      stdio: 'pipe',
    },
  );
  child.stdin.on('error', () => {}); // the program has ended
  const screen = new TestScreen({ columns, rows }, (answer) => child.stdin.write(answer));
  let output = '';
  let started: { readonly tty: string; readonly pid: number } | undefined;
  let over = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (started) return screen.write(text);
    // The first two lines are of the shell: which terminal, which process.
    const [, tty = '', pid = '', rest = ''] = /^(\S+)\r\n(\d+)\r\n([^]*)$/.exec(output) ?? [];
    if (tty === '') return;
    started = { tty, pid: Number(pid) };
    output = rest;
    screen.write(rest);
  });
  const ended = once(child, 'close').then(([code]) => {
    over = true;
    return { code: code as number };
  });
  const last = (): void => void child.kill('SIGKILL');
  process.once('exit', last);
  void ended.finally(() => process.removeListener('exit', last));
  await until(() => started !== undefined || over, { message: 'the start of a program in a terminal' });
  if (!started) throw new Error(`the program did not start in a terminal: ${output}`);
  const { tty, pid } = started;

  const rowsThat = async (fits: (lines: readonly string[]) => boolean, sight: string, timeout = 30_000) => {
    let lines: string[] = [];
    const found = await until(
      async () => {
        const ending = over;
        lines = await screen.lines();
        return fits(lines) ? 'fits' : ending ? 'over' : undefined;
      },
      { timeout, message: sight },
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\nthe screen:\n${lines.join('\n')}`, { cause: error });
    });
    if (found === 'over') throw new Error(`the program ended without ${sight}; the screen:\n${lines.join('\n')}`);
    return lines;
  };
  const anyMatches = (pattern: RegExp | string) => (lines: readonly string[]) =>
    lines.some((line) => (typeof pattern === 'string' ? line.includes(pattern) : pattern.test(line)));

  return {
    pid,
    screen,
    get output() {
      return output;
    },
    ended,
    type: (keys) => void child.stdin.write(keys),
    async resize(newColumns, newRows) {
      screen.resize(newColumns, newRows);
      const sizing = spawn('stty', ['-F', tty, 'rows', String(newRows), 'cols', String(newColumns)]);
      await once(sizing, 'close');
    },
    shows: (pattern, timeout) => rowsThat(anyMatches(pattern), `a row like ${pattern}`, timeout),
    showsNo: (pattern, timeout) =>
      rowsThat((lines) => !anyMatches(pattern)(lines), `a screen without ${pattern}`, timeout),
    signal: (name) => void process.kill(pid, name),
    hangUp: last,
    async close() {
      if (!over) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // it has just ended
        }
      }
      await ended;
      screen.dispose();
    },
  };
}

function environment(own: TerminalOptions['env']): NodeJS.ProcessEnv {
  return {
    ...process.env,
    NO_COLOR: undefined,
    FORCE_COLOR: undefined,
    SHELL: '/bin/sh',
    TERM: 'xterm-256color',
    ...own,
  };
}
