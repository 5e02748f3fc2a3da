/** Asks a person before something that they may not have meant. Without a terminal there is no one to ask: that is refused. */
import { createInterface } from 'node:readline';
import { Failure } from '../base/error.ts';
import type { Io } from './io.ts';
import type { Output } from './printed-output.ts';

export interface Consent {
  /** One sentence for those who cannot answer. It names the flag that answers. */
  readonly refusal: string;
  /** What stays as it is after a no. */
  readonly declined: string;
}

/** @throws {Failure} `usage` without a terminal, `failed` after a no; {DOMException} `AbortError` when the process should end */
export async function askConsent(io: Io, output: Output, { refusal, declined }: Consent): Promise<void> {
  const asks = io.stderr.isTTY === true && 'isTTY' in io.stdin && io.stdin.isTTY === true;
  if (!asks) throw new Failure('usage', refusal);
  await output.question('Go on? [y/N]');
  const answer = await firstLine(io);
  if (answer === undefined) await output.note(''); // the cursor stands behind the question
  if (!/^\s*(y|yes)\s*$/i.test(answer ?? '')) throw new Failure('failed', declined);
}

/** Undefined at the end of the input (Ctrl-D). */
async function firstLine({ stdin, signal }: Io): Promise<string | undefined> {
  // The terminal's own line editing; ours would want a terminal for its output too.
  const lines = createInterface({ input: stdin, terminal: false });
  try {
    return await new Promise((settle, reject) => {
      const stop = (): void => reject(new DOMException('interrupted', 'AbortError'));
      if (signal.aborted) return stop();
      signal.addEventListener('abort', stop, { once: true });
      lines.once('line', settle);
      lines.once('close', () => settle(undefined));
    });
  } finally {
    lines.close();
  }
}
