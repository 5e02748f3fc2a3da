/** A closed window is heard of twice, as an error of the streams and as a signal, in either order: the process still ends in order. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const IO = fileURLToPath(new URL('../../src/cli/io.ts', import.meta.url));
const TSX = fileURLToPath(import.meta.resolve('tsx'));

/** Each step is heard before the next, which comes later than two messages of one press do. */
const closed = `process.stdout.emit('error', Object.assign(new Error('write EIO'), { code: 'EIO' }))`;
const hungUp = `process.kill(process.pid, 'SIGHUP'), await heard('SIGHUP')`;
const pressed = `process.kill(process.pid, 'SIGINT'), await heard('SIGINT')`;

function endOf(steps: readonly string[]): number | null {
  const script = `
    const { processIo } = await import(${JSON.stringify(IO)});
    let now = 0;
    performance.now = () => (now += 10_000);
    const { signal } = processIo();
    const open = setInterval(() => {}, 10_000);
    const heard = (signal) => new Promise((next) => process.once(signal, next));
    ${steps.join(';\n')};
    clearInterval(open);
    process.exitCode = signal.aborted ? 7 : 8;`;
  return spawnSync(process.execPath, ['--import', TSX, '--input-type=module', '--eval', script]).status;
}

test.each([
  ['the error, then the signal', [closed, hungUp], 7],
  ['the signal, then the error', [hungUp, closed], 7],
  ['two presses apart from each other', [pressed, pressed], 1],
  ['a press after the window was closed', [closed, pressed], 1],
] as const)('%s', (_, steps, code) => {
  expect(endOf(steps)).toBe(code);
});
