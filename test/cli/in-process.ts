/** Runs a verb in this process: fast enough to try every sentence that a person can read. */
import { PassThrough, Readable } from 'node:stream';
import { runCli } from '../../src/cli/run-cli.ts';

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliInput {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdin?: string | Buffer;
  readonly signal?: AbortSignal;
  /** stdout is a terminal of this width. */
  readonly columns?: number;
}

export async function cli(argv: readonly string[], input: CliInput = {}): Promise<CliResult> {
  const stdout = collector();
  const stderr = collector();
  const code = await runCli(argv, {
    stdin: Readable.from(input.stdin === undefined ? [] : [input.stdin]),
    stdout:
      input.columns === undefined
        ? stdout.stream
        : Object.assign(stdout.stream, { isTTY: true, columns: input.columns }),
    stderr: stderr.stream,
    environment: input.env ?? {},
    cwd: input.cwd ?? '/nowhere',
    signal: input.signal ?? new AbortController().signal,
  });
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function collector(): { stream: PassThrough; text: () => string } {
  const stream = new PassThrough();
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { stream, text: () => Buffer.concat(chunks).toString('utf8') };
}
