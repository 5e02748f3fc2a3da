import { afterEach, describe, expect, test } from 'vitest';
import { TestScreen } from './screen.ts';
import { KEY, openTerminal, terminalAvailable, type TestTerminal } from './terminal.ts';

const PROGRAM = `
  const { stdout, stdin } = process;
  const size = () => stdout.write('size ' + stdout.columns + ' × ' + stdout.rows + '\\r\\n');
  stdout.write(String(stdout.isTTY && stdin.isTTY) + '\\r\\n');
  size();
  stdout.on('resize', size);
  stdin.setRawMode(true);
  stdin.on('data', (keys) => {
    stdout.write(JSON.stringify(String(keys)) + '\\r\\n');
    if (String(keys) === 'q') process.exit(7);
  });`;

let terminal: TestTerminal | undefined;
afterEach(() => terminal?.close());

describe.runIf(terminalAvailable)('a pseudo-terminal', () => {
  test('has a size, hears keys, can be resized, and gives the exit code', async () => {
    terminal = await openTerminal([process.execPath, '-e', PROGRAM], { columns: 50, rows: 24 });
    expect(await terminal.shows('size 50 × 24')).toContain('true');
    terminal.type(KEY.down);
    await terminal.shows(String.raw`"\u001b[B"`);
    await terminal.resize(90, 10);
    await terminal.shows('size 90 × 10');
    terminal.type('q');
    expect(await terminal.ended).toEqual({ code: 7 });
    await expect(terminal.shows('what it never shows')).rejects.toThrow(/ended without.*\n[^]*size 90 × 10/);
  });

  test('a signal ends the program, and words of a command arrive as they are', async () => {
    const word = `it's "a" $word`;
    terminal = await openTerminal([
      process.execPath,
      '-e',
      'console.log(process.argv[1]); setInterval(() => {}, 1000)',
      word,
    ]);
    await terminal.shows(word);
    terminal.signal('SIGTERM');
    expect(await terminal.ended).toEqual({ code: 128 + 15 });
  });
});

test('a screen says what a person sees: the rows, the wide characters, the colours, the state of the terminal', async () => {
  const screen = new TestScreen({ columns: 10, rows: 3 });
  screen.write('one\r\ntwo');
  expect(await screen.lines()).toEqual(['one', 'two']);
  screen.write('\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[H\u001b[31m美\u001b[0mx and more than fits');
  expect(await screen.lines()).toEqual(['美x and ms']);
  expect((await screen.cells())[0]?.slice(0, 3)).toEqual([
    { text: '美', width: 2, bold: false, dim: false, inverse: false, color: 1 },
    { text: '', width: 0, bold: false, dim: false, inverse: false, color: 1 },
    { text: 'x', width: 1, bold: false, dim: false, inverse: false },
  ]);
  expect(await screen.state()).toEqual({ cursorShown: false, alternate: true, wraps: false });
  screen.write('\u001b[?7h\u001b[?25h\u001b[?1049lthree\r\n0123456789abc\r\n');
  expect(await screen.state()).toEqual({ cursorShown: true, alternate: false, wraps: true });
  expect(await screen.history()).toEqual(['one', 'twothree', '0123456789abc']);
  screen.dispose();
});
