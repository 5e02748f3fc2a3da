/** The live view in a real terminal: what it takes it gives back, however it ends. */
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import {
  KEY,
  openTerminal,
  terminalAvailable,
  type TerminalOptions,
  type TestTerminal,
} from '../../support/terminal.ts';

const PROGRAM = fileURLToPath(new URL('../../support/view-program.ts', import.meta.url));
const COMMAND = [process.execPath, '--import', import.meta.resolve('tsx'), PROGRAM];
const GIVEN_BACK = { cursorShown: true, alternate: false, wraps: true };

describe.runIf(terminalAvailable)('the live view', () => {
  let terminal: TestTerminal | undefined;
  afterEach(async () => {
    await terminal?.close();
    terminal = undefined;
  });

  async function open(options: TerminalOptions = {}, command: readonly string[] = COMMAND): Promise<TestTerminal> {
    terminal = await openTerminal(command, options);
    return terminal;
  }

  test.each([
    ['q', (seen: TestTerminal) => seen.type('q')],
    ['Ctrl-C', (seen: TestTerminal) => seen.type(KEY.ctrlC)],
    ['SIGTERM', (seen: TestTerminal) => seen.signal('SIGTERM')],
  ])('%s ends it, the terminal is as before, and a table stays', async (_name, end) => {
    const seen = await open();
    await seen.shows('› segment_00');
    expect(await seen.screen.state()).toEqual({ cursorShown: false, alternate: true, wraps: false });
    end(seen);
    expect(await seen.ended).toEqual({ code: 0 });
    expect(await seen.screen.state()).toEqual(GIVEN_BACK);
    expect(await seen.screen.history()).toEqual(
      expect.arrayContaining(['segment       members  state', 'segment_29         29  live']),
    );
  });

  test('a failure that no one caught gives the terminal back before its report', async () => {
    const seen = await open();
    await seen.shows('› segment_00');
    seen.signal('SIGUSR2');
    expect((await seen.ended).code).toBe(1);
    expect(await seen.screen.state()).toEqual(GIVEN_BACK);
    expect((await seen.screen.history()).join('\n')).toContain('Error: it broke');
  });

  test('another size is used at once, and no row is left of the old one', async () => {
    const seen = await open({ columns: 140, rows: 40 });
    await seen.shows('what it means');
    seen.type(KEY.end);
    await seen.shows('› segment_29');
    await seen.resize(50, 16);
    await seen.shows('+/− min');
    const lines = await seen.shows('› segment_29');
    expect(lines.length).toBeLessThanOrEqual(16);
    expect(lines[0]).toBe('segmentd dev · sample shop          ? help  q quit');
    seen.type(KEY.home);
    await seen.shows('› segment_00');
    seen.type('q');
    await seen.ended;
  });

  test('NO_COLOR: not one colour', async () => {
    const seen = await open({ env: { NO_COLOR: '1' } });
    await seen.shows('› segment_00');
    seen.type('j');
    await seen.shows('› segment_01');
    expect(seen.output).not.toContain('m\u001b');
    expect(
      (await seen.screen.cells()).flat().filter((cell) => cell.bold || cell.dim || cell.color !== undefined),
    ).toEqual([]);
  });

  test('Ctrl-Z stops the job and gives the terminal back; fg brings the view back', async () => {
    const seen = await open({ env: { PS1: 'prompt> ' } }, ['bash', '--norc', '--noprofile', '-i']);
    await seen.shows('prompt>');
    seen.type(`${COMMAND.join(' ')}\r`);
    await seen.shows('› segment_00');
    seen.type(KEY.ctrlZ);
    await seen.shows('Stopped');
    expect(await seen.screen.state()).toEqual(GIVEN_BACK);
    seen.type('echo $((40 + 2))\r');
    await seen.shows(/^42$/);
    seen.type('fg\r');
    await seen.shows('› segment_00');
    seen.type('j');
    await seen.shows('› segment_01');
    seen.type('q');
    await seen.shows('segment_29         29  live');
    seen.type('exit\r');
    await seen.ended;
  });
});
