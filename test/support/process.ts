/** Runs the CLI as a process of its own: its lines, its exit code, kill -9. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { plainFile } from './plain-code.ts';
import { until } from './until.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TSX = fileURLToPath(import.meta.resolve('tsx'));
const MAIN = 'src/cli/main.ts';

export interface CliOptions {
  /** Added to the environment; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Written to stdin, which is then closed. */
  readonly input?: string;
}

export interface CliProcess {
  readonly pid: number;
  /** Lines so far. */
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
  /** Resolves with the first line of either stream that matches; fails when the process ends without it. */
  line(pattern: RegExp, timeout?: number): Promise<string>;
  /** Sends the signal and resolves when the process has ended. Default SIGKILL. */
  kill(signal?: NodeJS.Signals): Promise<Ended>;
  /** Resolves at the end of the process. */
  readonly ended: Promise<Ended>;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function startCli(args: readonly string[], options: CliOptions = {}): CliProcess {
  // The page is bundled from its source, and `dev` prints how it was called.
  const [verb = ''] = args;
  const main = verb === 'dev' || verb === 'serve' || args.includes('--serve') ? MAIN : plainFile(MAIN);
  return startScript([main, ...args], options);
}

/** Runs to the end. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<Ended> {
  return startCli(args, options).ended;
}

/** Any program of Node: TypeScript too. Its path is relative to the root of the project. */
export function startScript([file = '', ...args]: readonly string[], options: CliOptions = {}): CliProcess {
  // Node itself with tsx as its loader, not the tsx program: that one is a parent, and kill -9 would leave its child.
  const loader = /\.tsx?$/.test(file) ? ['--import', TSX] : [];
  const child = spawn(process.execPath, [...loader, resolve(ROOT, file), ...args], {
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, NO_COLOR: '1', ...options.env },
    stdio: 'pipe',
  });
  const stdout: string[] = [];
  const stderr: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => stdout.push(line));
  createInterface({ input: child.stderr }).on('line', (line) => stderr.push(line));
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  let over = false;
  const ended = once(child, 'close').then(([code, signal]): Ended => {
    over = true;
    return {
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      stdout: stdout.join('\n'),
      stderr: stderr.join('\n'),
    };
  });
  const last = (): void => void child.kill('SIGKILL');
  process.once('exit', last);
  void ended.finally(() => process.removeListener('exit', last));

  return {
    pid: child.pid ?? 0,
    stdout,
    stderr,
    ended,
    async line(pattern, timeout = 30_000) {
      const found = await until(
        () => [...stdout, ...stderr].find((line) => pattern.test(line)) ?? (over ? { over } : undefined),
        { timeout, message: `a line like ${pattern}` },
      );
      if (typeof found === 'string') return found;
      throw new Error(`the process ended without a line like ${pattern}:\n${stdout.join('\n')}\n${stderr.join('\n')}`);
    },
    async kill(signal = 'SIGKILL') {
      child.kill(signal);
      return ended;
    },
  };
}
